//! Codes of states and organisations in zones: ICAO 9303 part 3 section 5 (ISO 3166-1 alpha-3 and the additions of the standard).

/// All codes without fillers, three letters each but `D`.
const CODES: &str = "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA \
    BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE D DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST \
    ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN \
    IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD \
    MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK \
    PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA \
    TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE \
    GBD GBN GBO GBP GBS RKS EUE UNO UNA UNK XAA XBA XIM XCC XCE XCO XEC XPO XES XMP XOM XDC XXA XXB XXC XXX UTO IAO";

/// Every code as it stands in a zone: three letters, `D<<` for Germany.
pub fn all() -> impl Iterator<Item = [u8; 3]> {
    CODES.split_ascii_whitespace().map(|code| {
        let mut letters = [b'<'; 3];
        letters[..code.len()].copy_from_slice(code.as_bytes());
        letters
    })
}

/// Whether these three letters of a zone are a code of the standard.
pub fn is_code(letters: &[u8]) -> bool {
    all().any(|code| code == letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_with_their_fillers() {
        assert_eq!(all().count(), 249 - 1 + 1 + 28);
        for known in ["VNM", "D<<", "UTO", "XXX", "GBD", "NLD", "POL", "BGR", "RUS"] {
            assert!(is_code(known.as_bytes()), "{known}");
        }
        for unknown in ["DEU", "VNN", "<<<", "D", "GB<"] {
            assert!(!is_code(unknown.as_bytes()), "{unknown}");
        }
    }
}
