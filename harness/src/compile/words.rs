//! Names and numbers become words.

use winhttp_machine::Word;

use super::{CALLBACK, Compiler, FORGED};
use crate::case::{Reference, Scalar};

impl Compiler {
    pub(super) fn scalar(&self, scalar: &Scalar) -> Result<Word, String> {
        Ok(match scalar {
            Scalar::Number(number) => Word::Number(number.value),
            Scalar::Forged => Word::Number(FORGED),
            Scalar::Recorder(number) => Word::Callback(*number),
            Scalar::Port => Word::Number(u64::from(self.peer.port)),
            Scalar::Reference(reference) => self.reference(reference)?,
        })
    }

    pub(super) fn number(&self, scalar: &Scalar) -> Result<u64, String> {
        match self.scalar(scalar)? {
            Word::Number(number) => Ok(number),
            _ => Err(format!(
                "{scalar} is known only when the case runs, so it cannot be part of a smaller number"
            )),
        }
    }

    /// The address of a struct that an earlier call had: where a struct is expected, no word in it is meant.
    pub(super) fn same_struct(&self, reference: &Reference) -> Option<Word> {
        let (buffer, layout) = self.layouts.get(&reference.path.join("."))?;
        layout.map(|_| Word::Pointer(*buffer, 0))
    }

    pub(super) fn reference(&self, reference: &Reference) -> Result<Word, String> {
        let whole = reference.path.join(".");
        if whole == CALLBACK {
            return Ok(Word::Called);
        }
        if let Some(word) = self.names.get(&whole) {
            return Ok(*word);
        }
        let (place, member) = match &reference.path[..] {
            [call, parameter] => (format!("{call}.{parameter}"), None),
            [call, parameter, member] => (format!("{call}.{parameter}"), Some(member)),
            _ => return Err(format!("nothing is called ${whole}")),
        };
        let (buffer, layout) =
            self.layouts.get(&place).ok_or_else(|| format!("nothing is called ${whole}"))?;
        let offset = match member {
            None => 0,
            Some(member) => layout
                .and_then(|definition| definition.member(member, self.width))
                .map(|(_, offset)| offset)
                .ok_or_else(|| {
                    format!("${whole}: the memory of ${place} is not a struct with that member")
                })?,
        };
        Ok(Word::Load(*buffer, offset))
    }
}
