//! The few things `ffmpeg-next` has no safe word for.

use ffmpeg_next::{self as ff, codec::Parameters, ffi};

/// What the streams of a file are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coded {
    /// VP8 pictures of this size at most.
    Vp8 {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// Opus, 48 kHz, two channels.
    Opus,
}

/// RFC 7845 §5.1: version 1, two channels, 312 samples of pre-skip, 48 kHz, no gain, mapping 0.
const OPUS_HEAD: &[u8; 19] = b"OpusHead\x01\x02\x38\x01\x80\xbb\0\0\0\0\0";

impl Coded {
    /// Codec parameters for a muxer or a decoder.
    #[allow(unsafe_code, reason = "the binding cannot set single codec parameters")]
    pub(super) fn parameters(self) -> Result<Parameters, ff::Error> {
        let mut parameters = Parameters::new();
        // SAFETY: `Parameters::new` owns a fresh AVCodecParameters or null, which is checked; only plain fields are
        // set, and extradata is a zeroed buffer of libav's own allocator with the padding it asks for, which
        // `avcodec_parameters_free` frees together with the parameters.
        unsafe {
            let Some(raw) = parameters.as_mut_ptr().as_mut() else { return Err(ff::Error::Other { errno: ff::error::ENOMEM }) };
            match self {
                Self::Vp8 { width, height } => {
                    raw.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_VIDEO;
                    raw.codec_id = ffi::AVCodecID::AV_CODEC_ID_VP8;
                    raw.width = width.cast_signed();
                    raw.height = height.cast_signed();
                }
                Self::Opus => {
                    raw.codec_type = ffi::AVMediaType::AVMEDIA_TYPE_AUDIO;
                    raw.codec_id = ffi::AVCodecID::AV_CODEC_ID_OPUS;
                    raw.sample_rate = 48_000;
                    ffi::av_channel_layout_default(&raw mut raw.ch_layout, 2);
                    let padded = OPUS_HEAD.len() + ffi::AV_INPUT_BUFFER_PADDING_SIZE as usize;
                    raw.extradata = ffi::av_mallocz(padded).cast();
                    if raw.extradata.is_null() {
                        return Err(ff::Error::Other { errno: ff::error::ENOMEM });
                    }
                    std::ptr::copy_nonoverlapping(OPUS_HEAD.as_ptr(), raw.extradata, OPUS_HEAD.len());
                    raw.extradata_size = 19;
                }
            }
        }
        Ok(parameters)
    }
}

/// By how many quarters clockwise a decoded picture is to be turned to stand upright: phones film sideways and say so.
pub(super) fn quarter_turns(stream: &ff::Stream<'_>) -> u8 {
    let matrix = stream.side_data().find(|side| side.kind() == ff::packet::side_data::Type::DisplayMatrix);
    let Some(matrix) = matrix.filter(|matrix| matrix.data().len() >= 36) else { return 0 };
    let number = |place: usize| matrix.data().get(4 * place..)?.first_chunk().copied().map(i32::from_ne_bytes);
    // Rows of three, 16.16 fixed point: (a b u / c d v / x y w) maps stored to shown; quarters have one of a and b at zero.
    match (number(0).map(i32::signum), number(1).map(i32::signum)) {
        (Some(0), Some(1)) => 1,
        (Some(-1), _) => 2,
        (Some(0), Some(-1)) => 3,
        _ => 0,
    }
}
