//! How a phone sees a document in a hand or on a table: perspective, light, shake, lens, sensor and JPEG.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder, imageops::FilterType};
use imageproc::geometric_transformations::{Interpolation, Projection, warp_into};

use super::dice::Dice;

/// One photograph to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Photo {
    pub width: u32,
    pub height: u32,
    /// Share of the frame's tighter side that the document fills.
    pub fill: f32,
    /// In-plane turn in degrees, clockwise.
    pub turn: f32,
    /// How far the document leans out of the plane, degrees.
    pub tilt: f32,
    /// Which side leans away, degrees.
    pub toward: f32,
    /// Where its middle is, as shares of the frame from the middle.
    pub shift: (f32, f32),
    /// Standard deviation of the blur, in pixels of a document 1000 pixels wide.
    pub blur: f32,
    /// Length of a shake, in the same pixels, and its direction in degrees.
    pub shake: (f32, f32),
    /// Brightness, 1 is good daylight.
    pub light: f32,
    /// How much darker the far side of the frame is, 0…1, and its direction in degrees.
    pub shade: (f32, f32),
    /// Warm (positive) or cold light.
    pub warmth: f32,
    /// Radius of a reflection as a share of the document's width; 0 is none. Half of it is blown out.
    pub glare: f32,
    /// Where the reflection is, as shares of the document.
    pub glare_at: (f32, f32),
    /// Standard deviation of the sensor's noise.
    pub noise: f32,
    /// JPEG quality.
    pub quality: u8,
    /// Which table.
    pub table: u32,
    /// Chance for the noise.
    pub seed: u64,
}

/// What came out and where the document lies in it.
pub struct Taken {
    pub frame: RgbImage,
    /// Top left, top right, bottom right, bottom left of the document's face in pixels.
    pub corners: [(f32, f32); 4],
    /// Mean length of its two long sides in pixels.
    pub document_width: f32,
}

impl Photo {
    /// A photograph a careful person takes: within what the gate should accept.
    pub fn good(dice: &mut Dice) -> Self {
        let (width, height) = *dice.pick(&[(1600, 1200), (1920, 1080), (1600, 1200), (2048, 1536), (1440, 1080), (1280, 960)]);
        Self {
            width,
            height,
            fill: dice.between(0.78, 0.9),
            turn: if dice.chance(0.7) { dice.normal() * 3.0 } else { dice.between(-18.0, 18.0) },
            tilt: if dice.chance(0.6) { dice.between(0.0, 10.0) } else { dice.between(10.0, 25.0) },
            toward: dice.between(0.0, 360.0),
            shift: (dice.between(-0.02, 0.02), dice.between(-0.02, 0.02)),
            blur: dice.between(0.3, 1.1),
            shake: if dice.chance(0.25) { (dice.between(0.0, 1.8), dice.between(0.0, 180.0)) } else { (0.0, 0.0) },
            light: dice.between(0.62, 1.06),
            shade: (dice.between(0.0, 0.35), dice.between(0.0, 360.0)),
            warmth: dice.between(-0.06, 0.09),
            glare: 0.0,
            glare_at: (dice.between(0.1, 0.9), dice.between(0.1, 0.9)),
            noise: dice.between(1.0, 7.0),
            quality: u8::try_from(dice.whole(68, 95)).unwrap_or(80),
            table: dice.whole(0, 5),
            seed: u64::from(dice.whole(0, u32::MAX - 1)),
        }
    }

    /// The same spoilt in the way of this word: `cut`, `blurred`, `dark` or `glare`.
    pub fn spoilt(self, how: &str, dice: &mut Dice) -> Self {
        let away = |dice: &mut Dice, low: f32, high: f32| if dice.chance(0.5) { dice.between(low, high) } else { -dice.between(low, high) };
        match how {
            "cut" => {
                let sideways = dice.chance(0.6);
                let by = away(dice, 0.2, 0.34);
                Self { shift: if sideways { (by, 0.0) } else { (0.0, by) }, fill: self.fill.max(0.84), ..self }
            }
            "blurred" => {
                if dice.chance(0.6) {
                    Self { blur: dice.between(3.6, 6.5), ..self }
                } else {
                    Self { shake: (dice.between(11.0, 20.0), dice.between(0.0, 180.0)), blur: 1.2, ..self }
                }
            }
            "dark" => Self { light: dice.between(0.06, 0.17), noise: dice.between(4.0, 9.0), ..self },
            "glare" => Self { glare: dice.between(0.24, 0.42), glare_at: (dice.between(0.25, 0.75), dice.between(0.3, 0.7)), ..self },
            other => panic!("no way to spoil a photograph is called {other}"),
        }
    }

    /// Takes it.
    pub fn take(&self, face: &RgbImage) -> Taken {
        let corners = self.corners(face);
        let long = |a: (f32, f32), b: (f32, f32)| (a.0 - b.0).hypot(a.1 - b.1);
        let document_width = f32::midpoint(long(corners[0], corners[1]), long(corners[3], corners[2]));
        let mut frame = self.laid(face, corners, document_width);
        let unit = document_width / 1000.0;
        if self.blur > 0.0 {
            frame = imageproc::filter::gaussian_blur_f32(&frame, (self.blur * unit).max(0.1));
        }
        if self.shake.0 > 0.0 {
            frame = shaken(&frame, self.shake.0 * unit, self.shake.1);
        }
        self.develop(&mut frame);
        // A lamp outshines the paper however dim the room is.
        if self.glare > 0.0 {
            self.reflect(&mut frame, corners, document_width);
        }
        Taken { frame, corners, document_width }
    }

    /// The file a phone would send.
    pub fn coded(&self, frame: RgbImage) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        if self.quality >= 100 {
            DynamicImage::ImageRgb8(frame).write_to(&mut bytes, ImageFormat::Png).expect("memory");
        } else {
            DynamicImage::ImageRgb8(frame).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, self.quality)).expect("memory");
        }
        bytes.into_inner()
    }

    /// A pinhole camera three document widths away.
    #[expect(clippy::cast_precision_loss, reason = "sides of pictures")]
    fn corners(&self, face: &RgbImage) -> [(f32, f32); 4] {
        let (wide, high) = (self.width as f32, self.height as f32);
        let aspect = face.height() as f32 / face.width() as f32;
        let (sin, cos) = self.turn.to_radians().sin_cos();
        let (lean_sin, lean_cos) = self.tilt.to_radians().sin_cos();
        let (axis_sin, axis_cos) = self.toward.to_radians().sin_cos();
        let away = 2.2;
        let points = [(-0.5, -aspect / 2.0), (0.5, -aspect / 2.0), (0.5, aspect / 2.0), (-0.5, aspect / 2.0)].map(|(x, y): (f32, f32)| {
            let (x, y) = (x * cos - y * sin, x * sin + y * cos);
            // Turn about the axis (axis_cos, axis_sin) by the lean.
            let along = x * axis_cos + y * axis_sin;
            let across = -x * axis_sin + y * axis_cos;
            let (across, depth) = (across * lean_cos, across * lean_sin);
            let (x, y) = (along * axis_cos - across * axis_sin, along * axis_sin + across * axis_cos);
            (x * away / (away + depth), y * away / (away + depth))
        });
        let (left, right) = points.iter().fold((f32::MAX, f32::MIN), |(l, r), p| (l.min(p.0), r.max(p.0)));
        let (top, bottom) = points.iter().fold((f32::MAX, f32::MIN), |(t, b), p| (t.min(p.1), b.max(p.1)));
        let scale = (wide / (right - left)).min(high / (bottom - top)) * self.fill;
        let middle = (f32::midpoint(left, right), f32::midpoint(top, bottom));
        points.map(|(x, y)| (wide * (0.5 + self.shift.0) + (x - middle.0) * scale, high * (0.5 + self.shift.1) + (y - middle.1) * scale))
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sides of pictures")]
    fn laid(&self, face: &RgbImage, corners: [(f32, f32); 4], width: f32) -> RgbImage {
        let mut frame = table(self.table, self.width, self.height);
        // Reduced first to about the size it will have, so that thin strokes do not fall between samples.
        let share = (width * 1.15 / face.width() as f32).min(1.0);
        let (w, h) = ((face.width() as f32 * share) as u32, (face.height() as f32 * share) as u32);
        let face = if share < 0.98 { image::imageops::resize(face, w, h, FilterType::Triangle) } else { face.clone() };
        let (w, h) = (face.width() as f32, face.height() as f32);
        let projection = Projection::from_control_points([(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)], corners).expect("four corners");
        let outside = Rgb([1, 254, 1]);
        let mut laid = RgbImage::from_pixel(self.width, self.height, outside);
        warp_into(&face, &projection, Interpolation::Bilinear, outside, &mut laid);
        for (pixel, face) in frame.pixels_mut().zip(laid.pixels()) {
            if face.0[1] <= 248 || face.0[0] > 200 {
                *pixel = *face;
            }
        }
        frame
    }

    /// A soft reflection: white in its middle half, fading to its rim.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
    fn reflect(&self, frame: &mut RgbImage, corners: [(f32, f32); 4], width: f32) {
        let blend = |a: (f32, f32), b: (f32, f32), share: f32| (a.0 + (b.0 - a.0) * share, a.1 + (b.1 - a.1) * share);
        let middle = blend(blend(corners[0], corners[1], self.glare_at.0), blend(corners[3], corners[2], self.glare_at.0), self.glare_at.1);
        let radius = self.glare * width;
        for (x, y, pixel) in frame.enumerate_pixels_mut() {
            let far = ((x as f32 - middle.0) / radius).hypot((y as f32 - middle.1) * 1.4 / radius);
            if far < 1.0 {
                let white = ((1.0 - far) * 2.0).min(1.0).powi(2) * 255.0;
                pixel.0 = pixel.0.map(|part| (f32::from(part) + white).min(255.0) as u8);
            }
        }
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "shades")]
    fn develop(&self, frame: &mut RgbImage) {
        let mut noise = Dice::new(self.seed);
        // Noise from a table: the drawing of hundreds of pictures must not wait for chance.
        let grain: Vec<f32> = (0..4099).map(|_| noise.normal() * self.noise).collect();
        let (sin, cos) = self.shade.1.to_radians().sin_cos();
        let (wide, high) = (frame.width() as f32, frame.height() as f32);
        let tint = [1.0 + self.warmth, 1.0, 1.0 - self.warmth];
        let mut at = 0usize;
        for (x, y, pixel) in frame.enumerate_pixels_mut() {
            let along = 0.5 + (x as f32 / wide - 0.5) * cos + (y as f32 / high - 0.5) * sin;
            let light = self.light * (1.0 - self.shade.0 * along.clamp(0.0, 1.0));
            at = (at * 5 + 1 + x as usize) % grain.len();
            let common = grain[at];
            for (n, part) in pixel.0.iter_mut().enumerate() {
                let own = grain[(at * 7 + n * 1009 + y as usize * 31) % grain.len()] * 0.5;
                *part = (f32::from(*part) * light * tint[n] + common + own).clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// Averages copies of a picture along a line.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "pixels")]
fn shaken(frame: &RgbImage, length: f32, direction: f32) -> RgbImage {
    let steps = (length.ceil() as i32).max(1) + 1;
    let (sin, cos) = direction.to_radians().sin_cos();
    let (wide, high) = (frame.width().cast_signed(), frame.height().cast_signed());
    let offsets: Vec<(i32, i32)> = (0..steps)
        .map(|n| {
            let along = length * (n as f32 / (steps - 1).max(1) as f32 - 0.5);
            ((along * cos).round() as i32, (along * sin).round() as i32)
        })
        .collect();
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let mut sum = [0u32; 3];
        for (dx, dy) in &offsets {
            let (x, y) = ((x.cast_signed() + dx).clamp(0, wide - 1) as u32, (y.cast_signed() + dy).clamp(0, high - 1) as u32);
            for (part, value) in sum.iter_mut().zip(frame.get_pixel(x, y).0) {
                *part += u32::from(value);
            }
        }
        Rgb(sum.map(|part| (part / steps.cast_unsigned()) as u8))
    })
}

/// What the document lies on.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "shades")]
fn table(which: u32, width: u32, height: u32) -> RgbImage {
    let paint = |base: [u8; 3], grain: &dyn Fn(f32, f32) -> f32| {
        RgbImage::from_fn(width, height, |x, y| Rgb(base.map(|part| (f32::from(part) + grain(x as f32, y as f32)).clamp(0.0, 255.0) as u8)))
    };
    match which {
        0 => paint([104, 78, 58], &|x, y| (y * 0.21 + (x * 0.013).sin() * 5.0).sin() * 5.0),
        1 => paint([62, 64, 70], &|x, y| ((x * 0.9).sin() + (y * 0.7).cos()) * 2.0),
        2 => paint([150, 116, 84], &|x, y| (x * 0.11 + (y * 0.009).sin() * 9.0).sin() * 9.0),
        3 => paint([38, 52, 84], &|x, y| if (x as u32 / 24 + y as u32 / 24).is_multiple_of(2) { 6.0 } else { -6.0 }),
        4 => paint([92, 96, 92], &|x, y| ((x * 0.031).sin() * (y * 0.027).sin()) * 14.0),
        _ => paint([26, 24, 24], &|_, _| 0.0),
    }
}
