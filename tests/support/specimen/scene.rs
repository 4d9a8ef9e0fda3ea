//! A card on a desk before a camera.

use image::{Rgb, RgbImage, imageops};
use imageproc::{
    drawing::draw_filled_ellipse_mut,
    geometric_transformations::{Interpolation, Projection, warp_into},
};

/// How the card is held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scene {
    pub width: u32,
    pub height: u32,
    /// Share of the frame's tighter side that the card fills.
    pub fill: f32,
    /// Rotation in degrees, clockwise.
    pub tilt: f32,
    /// How much shorter the far side is, as a share.
    pub lean: f32,
    /// Standard deviation of a Gaussian blur in pixels; 0 is sharp.
    pub blur: f32,
    /// Brightness, 1 is daylight.
    pub light: f32,
    /// Shift to the right as a share of the frame; positive values push the card out.
    pub shift: f32,
    /// A lamp's reflection of this share of the frame's height.
    pub glare: f32,
    /// Whether there is a card at all.
    pub empty: bool,
    /// Amplitude of sensor noise, 0…255.
    pub noise: u8,
}

impl Scene {
    /// A steady hand before a 1280×720 camera.
    pub const CAMERA: Self =
        Self { width: 1280, height: 720, fill: 0.92, tilt: 0.0, lean: 0.0, blur: 0.0, light: 1.0, shift: 0.0, glare: 0.0, empty: false, noise: 4 };

    /// What the camera sees.
    #[expect(clippy::cast_possible_truncation, reason = "pixel positions")]
    #[expect(clippy::cast_precision_loss, reason = "pixel positions")]
    pub fn shot(&self, card: &RgbImage) -> RgbImage {
        let mut frame = desk(self.width, self.height);
        if !self.empty {
            self.lay(card, &mut frame);
        }
        if self.glare > 0.0 {
            let radius = (self.glare * self.height as f32 / 2.0) as i32;
            let center = (self.width.cast_signed() * 55 / 100, self.height.cast_signed() * 55 / 100);
            draw_filled_ellipse_mut(&mut frame, center, radius * 3 / 2, radius, Rgb([255, 255, 255]));
        }
        if self.blur > 0.0 {
            frame = imageproc::filter::gaussian_blur_f32(&frame, self.blur);
        }
        develop(&mut frame, self.light, self.noise);
        frame
    }

    #[expect(clippy::cast_precision_loss, reason = "pixel positions")]
    fn lay(&self, card: &RgbImage, frame: &mut RgbImage) {
        let (wide, high) = (self.width as f32, self.height as f32);
        let (card_wide, card_high) = (card.width() as f32, card.height() as f32);
        let scale = (wide / card_wide).min(high / card_high) * self.fill;
        // Halve first what shrinks a lot, so that thin strokes do not fall between samples.
        let (card, card_wide, card_high, scale) = if scale < 0.6 {
            let small = imageops::resize(card, card.width() / 2, card.height() / 2, imageops::FilterType::Triangle);
            (small, card_wide / 2.0, card_high / 2.0, scale * 2.0)
        } else {
            (card.clone(), card_wide, card_high, scale)
        };
        let (half_wide, half_high) = (card_wide * scale / 2.0, card_high * scale / 2.0);
        let (center_x, center_y) = (wide * (0.5 + self.shift), high / 2.0);
        let (sin, cos) = self.tilt.to_radians().sin_cos();
        let far = 1.0 - self.lean;
        let place = |x: f32, y: f32| (center_x + x * cos - y * sin, center_y + x * sin + y * cos);
        let to =
            [place(-half_wide * far, -half_high * far), place(half_wide * far, -half_high * far), place(half_wide, half_high), place(-half_wide, half_high)];
        let from = [(0.0, 0.0), (card_wide, 0.0), (card_wide, card_high), (0.0, card_high)];
        let projection = Projection::from_control_points(from, to).expect("four corners of a card");
        // A colour no specimen uses marks what lies outside the card.
        let outside = Rgb([1, 254, 1]);
        let mut laid = RgbImage::from_pixel(self.width, self.height, outside);
        warp_into(&card, &projection, Interpolation::Bilinear, outside, &mut laid);
        for (pixel, card) in frame.pixels_mut().zip(laid.pixels()) {
            let is_outside = card.0[1] > 242 && card.0[0] < 200;
            if !is_outside {
                *pixel = *card;
            }
        }
    }
}

/// A brown desk with a soft fall of light.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "shades")]
fn desk(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let light = 1.0 - 0.18 * (x as f32 / width as f32) - 0.1 * (y as f32 / height as f32);
        let grain = ((y as f32 * 0.21 + (x as f32 * 0.013).sin() * 5.0).sin() * 5.0) as i32;
        Rgb([104, 78, 58].map(|part: i32| ((part + grain) as f32 * light).clamp(0.0, 255.0) as u8))
    })
}

/// Brightness and a reproducible sensor noise.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shades")]
fn develop(frame: &mut RgbImage, light: f32, noise: u8) {
    let mut seed = 0x2545_f491u32;
    let mut shades = [0u8; 256];
    for (value, shade) in (0u8..=255).zip(&mut shades) {
        *shade = (f32::from(value) * light).clamp(0.0, 255.0) as u8;
    }
    let spread = i32::from(noise) + 1;
    for part in frame.iter_mut() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let jitter = (seed >> 16).cast_signed() % spread - spread / 2;
        *part = (i32::from(shades[usize::from(*part)]) + jitter).clamp(0, 255) as u8;
    }
}
