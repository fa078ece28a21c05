//! Photographs of reports: what a camera writes beside the picture is gone, the picture is not.

use bihu::service::corrections::{Photo, PhotoError};

/// Invented pictures: a few bytes of drawing among a lot that says who took them where.
pub fn jpeg() -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    let mut segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("short").to_be_bytes();
        out.extend_from_slice(&[0xff, marker, length[0], length[1]]);
        out.extend_from_slice(content);
    };
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    segment(0xe1, &[exif(6).as_slice(), b"GPSLatitude SECRET"].concat());
    segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>");
    segment(0xe2, b"ICC_PROFILE\0SECRET");
    segment(0xed, b"Photoshop 3.0\0SECRET");
    segment(0xfe, b"SECRET comment");
    segment(0xdb, &[7; 65]);
    segment(0xc0, &[8, 0, 16, 0, 16, 1, 1, 0x11, 0]);
    segment(0xc4, &[1; 20]);
    segment(0xda, &[1, 1, 0, 0, 63, 0]);
    out.extend_from_slice(b"DRAWN\xff\x00MORE\xff\xd0REST\xff\xd9SECRET behind the end");
    out
}

/// Exif of one tag, big-endian: which way is up.
fn exif(up: u8) -> Vec<u8> {
    let mut out = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    out.extend_from_slice(&[up, 0, 0, 0, 0, 0, 0]);
    out
}

fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in chunks {
        out.extend_from_slice(&u32::try_from(content.len()).expect("short").to_be_bytes());
        out.extend_from_slice(*name);
        out.extend_from_slice(content);
        out.extend_from_slice(b"CRC!");
    }
    out
}

fn head(width: u32, height: u32) -> Vec<u8> {
    [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat()
}

fn webp(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(*name);
        body.extend_from_slice(&u32::try_from(content.len()).expect("short").to_le_bytes());
        body.extend_from_slice(content);
        if content.len() % 2 == 1 {
            body.push(0);
        }
    }
    [b"RIFF".to_vec(), u32::try_from(body.len()).expect("short").to_le_bytes().to_vec(), body].concat()
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|w| w == word)
}

#[test]
fn a_jpeg_keeps_its_drawing_and_which_way_is_up_and_loses_all_else() {
    let photo = Photo::cleaned(&jpeg()).expect("a photograph");
    assert_eq!(photo.media, "image/jpeg");
    for word in [&b"SECRET"[..], b"GPS", b"http", b"JFIF", b"ICC_PROFILE"] {
        assert!(!holds(&photo.bytes, word), "{}", String::from_utf8_lossy(word));
    }
    assert!(holds(&photo.bytes, b"DRAWN\xff\x00MORE\xff\xd0REST\xff\xd9"));
    assert!(photo.bytes.ends_with(&[0xff, 0xd9]));
    assert_eq!(photo.bytes[..6], [0xff, 0xd8, 0xff, 0xe1, 0, 34]);
    assert_eq!(photo.bytes[6..38], exif(6), "one tag in our own words");
    assert_eq!(Photo::cleaned(&photo.bytes), Ok(photo), "cleaning what is clean changes nothing");
}

#[test]
fn a_png_keeps_only_what_draws() {
    let (ihdr, gps) = (head(4, 4), b"Exif SECRET");
    let given = png(&[
        (b"IHDR", &ihdr),
        (b"eXIf", gps),
        (b"tEXt", b"Author\0SECRET"),
        (b"iCCP", b"SECRET"),
        (b"tIME", b"SECRET!"),
        (b"PLTE", b"abc"),
        (b"IDAT", b"DRAWN"),
        (b"prVt", b"SECRET"),
        (b"IEND", b""),
        (b"tEXt", b"SECRET behind the end"),
    ]);
    let photo = Photo::cleaned(&given).expect("a photograph");
    assert_eq!(photo.media, "image/png");
    assert!(!holds(&photo.bytes, b"SECRET") && holds(&photo.bytes, b"DRAWN") && holds(&photo.bytes, b"PLTE"));
    assert!(photo.bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
    assert_eq!(Photo::cleaned(&photo.bytes), Ok(photo));
}

#[test]
fn a_webp_keeps_only_what_draws() {
    let vp8 = b"\0\0\0\x9d\x01\x2a\x04\0\x04\0DRAWN!";
    let extended = [0x2c, 0, 0, 0, 3, 0, 0, 3, 0, 0];
    let given = webp(&[
        (b"VP8X", &extended),
        (b"ICCP", b"SECRET"),
        (b"VP8 ", vp8),
        (b"EXIF", b"SECRET!"),
        (b"XMP ", b"SECRET"),
        (b"what", b"SECRET"),
    ]);
    let photo = Photo::cleaned(&[given, b"SECRET behind the end".to_vec()].concat()).expect("a photograph");
    assert_eq!(photo.media, "image/webp");
    assert!(!holds(&photo.bytes, b"SECRET") && holds(&photo.bytes, b"DRAWN"));
    let flags = photo.bytes[20];
    assert_eq!(flags, 0, "it no longer says that there are Exif, XMP and a profile");
    let size = u32::from_le_bytes(photo.bytes[4..8].try_into().expect("four"));
    assert_eq!(size as usize, photo.bytes.len() - 8);
    assert_eq!(Photo::cleaned(&photo.bytes), Ok(photo));
    let lossless = webp(&[(b"VP8L", &[0x2f, 3, 0xc0, 0, 0, 9, 9])]);
    assert!(Photo::cleaned(&lossless).is_ok());
}

#[test]
fn what_moves_what_is_too_large_and_what_is_no_picture_is_refused() {
    let (huge, none) = (head(60_000, 60_000), head(0, 4));
    let many = head(16_000, 16_000);
    for ihdr in [&huge, &none, &many] {
        let given = png(&[(b"IHDR", ihdr), (b"IDAT", b"x"), (b"IEND", b"")]);
        assert_eq!(Photo::cleaned(&given), Err(PhotoError::Large));
    }
    let fine = head(4, 4);
    let moving = png(&[(b"IHDR", &fine), (b"acTL", b"x"), (b"IDAT", b"x"), (b"IEND", b"")]);
    assert_eq!(Photo::cleaned(&moving), Err(PhotoError::Moving));
    assert_eq!(Photo::cleaned(&webp(&[(b"ANIM", b"x")])), Err(PhotoError::Moving));
    assert_eq!(Photo::cleaned(&webp(&[(b"EXIF", b"x")])), Err(PhotoError::Broken));
    assert_eq!(Photo::cleaned(&png(&[(b"IHDR", &fine), (b"IEND", b"")])), Err(PhotoError::Broken));
    for bytes in [&b""[..], b"GIF89a", b"<svg onload=x>", b"RIFF\0\0\0\0WAVE"] {
        assert_eq!(Photo::cleaned(bytes), Err(PhotoError::Unknown));
    }
    assert_eq!(Photo::cleaned(&vec![0; 2 * 1024 * 1024 + 1]), Err(PhotoError::Heavy));
}

#[test]
fn a_damaged_picture_never_panics_and_what_is_kept_says_nothing() {
    let ihdr = head(4, 4);
    let png = png(&[(b"IHDR", &ihdr), (b"eXIf", b"SECRET"), (b"IDAT", b"DRAWN"), (b"IEND", b"")]);
    let webp = webp(&[
        (b"VP8X", &[8, 0, 0, 0, 3, 0, 0, 3, 0, 0]),
        (b"VP8 ", b"\0\0\0\x9d\x01\x2a\x04\0\x04\0x"),
        (b"EXIF", b"SECRET"),
    ]);
    for whole in [jpeg(), png, webp] {
        for end in 0..whole.len() {
            let _ = Photo::cleaned(&whole[..end]);
        }
        let mut state = 7_u64;
        for _ in 0..3000 {
            let mut hurt = whole.clone();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = (state >> 33) as usize % hurt.len();
                hurt[at] = (state >> 17) as u8;
            }
            let _ = Photo::cleaned(&hurt);
        }
    }
}
