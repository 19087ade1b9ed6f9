//! A small picture of a photo. What people upload may be anything: how large it says to be is looked at before any of it is
//! unpacked, and what it is, is seen by its bytes.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

/// Neither side of it is longer, in pixels.
const SIDE: u32 = 320;
/// Enough for what is looked at small.
const QUALITY: u8 = 75;
/// No photo has more pixels: unpacked, and with what unpacking takes, they are 300 MB at most.
const MOST_PIXELS: u64 = 32_000_000;
const LONGEST_SIDE: u32 = 16_384;
const MOST_MEMORY: u64 = 256 << 20;

/// It is no photo that anything can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Makes a JPEG of a JPEG, PNG or WebP, the right way up.
pub fn small(photo: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut reader = ImageReader::new(Cursor::new(photo)).with_guessed_format().map_err(|_| Unreadable)?;
    if !matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP)) {
        return Err(Unreadable);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| Unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Unreadable);
    }
    // Without one it is as it stands.
    let orientation = decoder.orientation();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| Unreadable)?;
    if width > SIDE || height > SIDE {
        picture = picture.thumbnail(SIDE, SIDE);
    }
    if let Ok(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let mut small = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut small, QUALITY);
    picture.into_rgb8().write_with_encoder(encoder).map_err(|_| Unreadable)?;
    Ok(small)
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn picture(width: u32, height: u32) -> DynamicImage {
        let pixel = |x: u32, y: u32| image::Rgba([x as u8, y as u8, (x ^ y) as u8, 255]);
        RgbaImage::from_fn(width, height, pixel).into()
    }

    fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let rgb = DynamicImage::from(picture.to_rgb8());
        rgb.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn size(jpeg: &[u8]) -> (u32, u32) {
        let picture = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap();
        (picture.width(), picture.height())
    }

    #[test]
    fn a_photo_becomes_small_and_keeps_its_shape() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            for (from, to) in [((1_000, 500), (320, 160)), ((300, 900), (107, 320)), ((7, 5), (7, 5))] {
                let photo = written(&picture(from.0, from.1), format);
                assert_eq!(size(&small(&photo).unwrap()), to, "{format:?} {from:?}");
            }
        }
    }

    #[test]
    fn a_photo_taken_on_its_side_stands_upright() {
        let mut photo = written(&picture(400, 200), ImageFormat::Jpeg);
        // Exif, with the one entry that says: turned by a quarter.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        photo.splice(2..2, exif.iter().copied());
        assert_eq!(size(&small(&photo).unwrap()), (160, 320));
    }

    #[test]
    fn what_is_no_photo_or_too_large_is_not_unpacked() {
        let png = written(&picture(40, 30), ImageFormat::Png);
        // The header says more than there is, with the right checksum of it.
        let claims = |width: u32, height: u32| {
            let mut bomb = png.clone();
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let mut crc = flate2::Crc::new();
            crc.update(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&crc.sum().to_be_bytes());
            bomb
        };
        let mut broken = png.clone();
        broken.truncate(png.len() / 2);
        for (what, bytes) in [
            ("nothing", Vec::new()),
            ("text", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec()),
            ("another format", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
            ("the beginning of a JPEG", b"\xff\xd8\xff\xe0".to_vec()),
            ("half", broken),
            ("a bomb", claims(60_000, 60_000)),
            ("a long one", claims(1_000_000, 1)),
            ("many pixels", claims(8_000, 8_000)),
        ] {
            assert_eq!(small(&bytes), Err(Unreadable), "{what}");
        }
    }
}
