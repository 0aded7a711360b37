//! Decompressing bodies. Page: option-flags (`WINHTTP_OPTION_DECOMPRESSION`); the codings are those of RFC 9110,
//! section 8.4.1.

use std::io::Write;

use flate2::{Decompress, FlushDecompress, Status, write::MultiGzDecoder};
use windows_sys::Win32::Networking::WinHttp as w;

use crate::{
    error::{Error, Result},
    http1::Head,
};

/// The Accept-Encoding header for these flags; `None` if nothing is to be decompressed.
pub(crate) fn accept_encoding(flags: u32) -> Option<&'static str> {
    let is = |flag: u32| flags & flag != 0;
    match (is(w::WINHTTP_DECOMPRESSION_FLAG_GZIP), is(w::WINHTTP_DECOMPRESSION_FLAG_DEFLATE)) {
        (true, true) => Some("gzip, deflate"),
        (true, false) => Some("gzip"),
        (false, true) => Some("deflate"),
        (false, false) => None,
    }
}

/// Turns a compressed body, as it comes, into what was compressed.
pub(crate) struct Decoder {
    stage: Stage,
    /// How much of the stage's output was taken.
    taken: usize,
}

enum Stage {
    /// Nothing came yet.
    Start(Coding),
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Deflate(Box<Inflater>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

impl Decoder {
    /// For a response's body, if it has one coding and the flags ask for that one. Several codings, one upon the
    /// other, are delivered as they come.
    pub(crate) fn of(head: &Head, flags: u32) -> Option<Decoder> {
        coding(head, flags).map(|coding| Decoder { stage: Stage::Start(coding), taken: 0 })
    }

    /// Takes in a piece of the compressed body, which is not empty.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<()> {
        if let Stage::Start(coding) = self.stage {
            self.stage = Stage::begin(coding, piece[0]);
        }
        match &mut self.stage {
            Stage::Start(_) => Ok(()),
            Stage::Gzip(decoder) => {
                // It holds output back unless it is flushed.
                let pushed = decoder.write_all(piece).and_then(|()| decoder.flush());
                pushed.map_err(|_| Error::INVALID_SERVER_RESPONSE)
            }
            Stage::Deflate(inflater) => inflater.push(piece),
        }
    }

    /// The compressed body is at its end, and all of it came out; a part of one is an error, nothing at all is not.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let is_whole = match &mut self.stage {
            Stage::Start(_) => true,
            Stage::Gzip(decoder) => decoder.try_finish().is_ok(),
            Stage::Deflate(inflater) => inflater.ended,
        };
        if is_whole { Ok(()) } else { Err(Error::INVALID_SERVER_RESPONSE) }
    }

    /// Whether all that came out was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.stage.output().is_none_or(|output| output.len() == self.taken)
    }

    /// Takes what has come out, as much as fits.
    pub(crate) fn take(&mut self, out: &mut [u8]) -> usize {
        let Some(output) = self.stage.output_mut() else { return 0 };
        let ready = &output[self.taken..];
        let count = ready.len().min(out.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.taken += count;
        if self.taken == output.len() {
            output.clear();
            self.taken = 0;
        }
        count
    }
}

impl Stage {
    /// Deflate means the format of zlib, but some servers send the bare compression, whose first byte never looks
    /// like zlib's: there the low half says 8.
    fn begin(coding: Coding, first: u8) -> Stage {
        match coding {
            Coding::Gzip => Stage::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            Coding::Deflate => Stage::Deflate(Box::new(Inflater {
                state: Decompress::new(first & 0x0F == 8),
                output: Vec::new(),
                ended: false,
            })),
        }
    }

    fn output(&self) -> Option<&Vec<u8>> {
        match self {
            Stage::Start(_) => None,
            Stage::Gzip(decoder) => Some(decoder.get_ref()),
            Stage::Deflate(inflater) => Some(&inflater.output),
        }
    }

    fn output_mut(&mut self) -> Option<&mut Vec<u8>> {
        match self {
            Stage::Start(_) => None,
            Stage::Gzip(decoder) => Some(decoder.get_mut()),
            Stage::Deflate(inflater) => Some(&mut inflater.output),
        }
    }
}

/// The compression itself, with or without the frame of zlib.
struct Inflater {
    state: Decompress,
    output: Vec<u8>,
    ended: bool,
}

impl Inflater {
    /// What follows the end is passed over.
    fn push(&mut self, mut piece: &[u8]) -> Result<()> {
        while !self.ended {
            self.output.reserve(4096);
            let before = self.state.total_in();
            let status = self.state.decompress_vec(piece, &mut self.output, FlushDecompress::None);
            self.ended = status.map_err(|_| Error::INVALID_SERVER_RESPONSE)? == Status::StreamEnd;
            piece = &piece[(self.state.total_in() - before) as usize..];
            // With room left in the output, nothing more comes out before something goes in.
            if piece.is_empty() && self.output.len() < self.output.capacity() {
                break;
            }
        }
        Ok(())
    }
}

fn coding(head: &Head, flags: u32) -> Option<Coding> {
    let mut names = head.all("Content-Encoding").flat_map(|value| value.split(|byte| *byte == b','));
    let name = names.next()?.trim_ascii();
    if names.next().is_some() {
        return None;
    }
    let is = |coding: &str| name.eq_ignore_ascii_case(coding.as_bytes());
    if (is("gzip") || is("x-gzip")) && flags & w::WINHTTP_DECOMPRESSION_FLAG_GZIP != 0 {
        Some(Coding::Gzip)
    } else if is("deflate") && flags & w::WINHTTP_DECOMPRESSION_FLAG_DEFLATE != 0 {
        Some(Coding::Deflate)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use rstest::rstest;

    use super::*;

    const TEXT: &[u8] = b"once more, once more, once more";

    fn gzip() -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib() -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate() -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT).unwrap();
        encoder.finish().unwrap()
    }

    fn decoded(coding: Coding, pieces: &[&[u8]]) -> Result<Vec<u8>> {
        let mut decoder = Decoder { stage: Stage::Start(coding), taken: 0 };
        let (mut all, mut out) = (Vec::new(), [0; 7]);
        let mut drain = |decoder: &mut Decoder| {
            while !decoder.is_empty() {
                let count = decoder.take(&mut out);
                all.extend_from_slice(&out[..count]);
            }
        };
        for piece in pieces {
            decoder.push(piece)?;
            drain(&mut decoder);
        }
        decoder.finish()?;
        assert!(decoder.is_empty(), "all came out before");
        Ok(all)
    }

    #[rstest]
    #[case::gzip(Coding::Gzip, gzip())]
    #[case::zlib(Coding::Deflate, zlib())]
    #[case::bare_deflate(Coding::Deflate, deflate())]
    fn a_body_is_decompressed_however_it_is_cut(#[case] coding: Coding, #[case] body: Vec<u8>) {
        for size in [1, 2, 10, body.len()] {
            let pieces: Vec<&[u8]> = body.chunks(size).collect();
            assert_eq!(decoded(coding, &pieces), Ok(TEXT.to_vec()));
        }
    }

    #[test]
    fn one_gzip_member_follows_another() {
        assert_eq!(decoded(Coding::Gzip, &[&gzip(), &gzip()]), Ok([TEXT, TEXT].concat()));
    }

    #[rstest]
    #[case::empty(Coding::Gzip, &[], Ok(Vec::new()))]
    #[case::no_gzip(Coding::Gzip, &[b"text".as_slice()], Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::cut_gzip(Coding::Gzip, &[&gzip()[..20]], Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::cut_zlib(Coding::Deflate, &[&zlib()[..20]], Err(Error::INVALID_SERVER_RESPONSE))]
    #[case::more_than_deflate(Coding::Deflate, &[&deflate()[..], b"more".as_slice()], Ok(TEXT.to_vec()))]
    #[case::no_zlib(Coding::Deflate, &[b"x\xFFxxxxxx".as_slice()], Err(Error::INVALID_SERVER_RESPONSE))]
    fn only_what_is_compressed_is_decompressed(
        #[case] coding: Coding,
        #[case] pieces: &[&[u8]],
        #[case] expected: Result<Vec<u8>>,
    ) {
        assert_eq!(decoded(coding, pieces), expected);
    }

    #[rstest]
    #[case::nothing(0, None)]
    #[case::gzip(w::WINHTTP_DECOMPRESSION_FLAG_GZIP, Some("gzip"))]
    #[case::deflate(w::WINHTTP_DECOMPRESSION_FLAG_DEFLATE, Some("deflate"))]
    #[case::all(3, Some("gzip, deflate"))]
    fn the_flags_say_what_is_accepted(#[case] flags: u32, #[case] header: Option<&str>) {
        assert_eq!(accept_encoding(flags), header);
    }
}
