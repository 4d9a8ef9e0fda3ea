//! How a conversation sounds, from 1 to 5, computed from the network: the E-model of ITU-T Recommendation G.107 (06/2015)
//! with its default values, so that what is left is delay and loss. Pure.
//!
//! R = 93.2 − Idd − Ie,eff: 93.2 is Ro − Is at the defaults (§7.7 with table 2), Idd the impairment by delay alone (7-27,
//! 7-28), Ie,eff that by the codec and by loss (7-29); R becomes a mean opinion score by annex B (B-4). Echo is not counted:
//! browsers cancel it. Opus has no provisional values in ITU-T G.113; those of G.711 with packet-loss concealment (G.113
//! appendix I: Ie 0, Bpl 25.1) stand in for it, which flatters Opus at low bitrates and slights it where its error correction
//! repairs a loss. It is an estimate for planners (§1): good for comparing moments and calls, no measurement of an ear.

/// R without delay and loss.
const BEST: f64 = 93.2;
/// Equipment impairment and robustness against loss of the codec.
const CODEC: (f64, f64) = (0.0, 25.1);
/// What a frame of 20 ms and the codec's look-ahead cost (RFC 6716 §2), in ms.
const CODEC_MS: f64 = 26.5;

/// The mean opinion score of a way of `one_way_ms` (the network and the wait before playing; the codec comes on top) on which
/// `loss` (0…1) of the packets of sound are lost.
pub fn mos(one_way_ms: f64, loss: f64) -> f64 {
    score(BEST - by_delay(one_way_ms + CODEC_MS) - by_loss(loss))
}

/// Idd (7-27, 7-28).
fn by_delay(one_way_ms: f64) -> f64 {
    if one_way_ms <= 100.0 {
        return 0.0;
    }
    let x = (one_way_ms / 100.0).log2();
    25.0 * ((1.0 + x.powi(6)).powf(1.0 / 6.0) - 3.0 * (1.0 + (x / 3.0).powi(6)).powf(1.0 / 6.0) + 2.0)
}

/// Ie,eff (7-29) for losses that come one by one (`BurstR` 1).
fn by_loss(loss: f64) -> f64 {
    let (codec, robustness) = CODEC;
    let percent = loss.clamp(0.0, 1.0) * 100.0;
    codec + (95.0 - codec) * percent / (percent + robustness)
}

/// From R to a mean opinion score (B-4).
fn score(rating: f64) -> f64 {
    let r = rating.clamp(0.0, 100.0);
    1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, wanted: f64) -> bool {
        (value - wanted).abs() < 0.01
    }

    #[test]
    fn it_is_the_recommendation_s_own_curve() {
        // Table B.1: R 90 is 4.34, 80 is 4.03, 70 is 3.60, 60 is 3.10, 50 is 2.58.
        for (rating, wanted) in [(90.0, 4.34), (80.0, 4.03), (70.0, 3.60), (60.0, 3.10), (50.0, 2.58), (0.0, 1.0), (-5.0, 1.0), (100.0, 4.5), (130.0, 4.5)] {
            assert!(near(score(rating), wanted), "{rating}: {}", score(rating));
        }
        // Without impairments the default values give R 93.2 and 4.41 (§7.7).
        assert!(near(mos(0.0, 0.0), 4.41), "{}", mos(0.0, 0.0));
    }

    #[test]
    fn delay_and_loss_cost_what_the_formulas_say() {
        assert!(near(by_delay(100.0), 0.0));
        // X = 1: 25 (2^(1/6) − 3 (1 + 3^-6)^(1/6) + 2) = 25 × 0.121776…
        assert!(near(by_delay(200.0), 3.04), "{}", by_delay(200.0));
        assert!(by_delay(400.0) > 23.0 && by_delay(400.0) < 25.0, "{}", by_delay(400.0));
        assert!(near(by_loss(0.05), 95.0 * 5.0 / 30.1));
        let falling = [mos(20.0, 0.0), mos(150.0, 0.0), mos(300.0, 0.0), mos(300.0, 0.05), mos(300.0, 0.2)];
        assert!(falling.windows(2).all(|pair| pair[0] > pair[1]), "{falling:?}");
        assert!(mos(60_000.0, 1.0) >= 1.0);
    }
}
