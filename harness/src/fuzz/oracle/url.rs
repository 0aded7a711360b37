//! `WinHttpCrackUrl` and `WinHttpCreateUrl`: what the one takes apart, the other puts together again. Which URLs they
//! take is not asked.

use super::{Outcome, Promise};
use crate::case::{FieldMatcher, Matcher, Member, Numeric, Scalar};
use crate::fuzz::url::{Component, Space, Url};
use crate::make;
use crate::matrix::{fails, succeeds};
use winhttp_spec::structs::{self, Width};

/// The places of parameters.
const COMPONENTS: usize = 3;
const URL: usize = 2;
const LENGTH: usize = 3;

/// How long the components are into which a URL is taken apart; where they are shows when they are put together again.
pub(super) fn apart(url: &Url, seen: Option<&Outcome>) -> Promise {
    let definition = structs::find("URL_COMPONENTS").filter(|_| seen.is_some_and(|seen| seen.success));
    let Some(definition) = definition else { return Promise::nothing("WinHttpCrackUrl") };
    let member = |path: &str, value: usize| {
        let (ty, _) = definition.member(path, Width::W64)?;
        let number = Scalar::Number(make::number(value as u64));
        Some((Member { path: path.to_owned(), ty }, FieldMatcher::Numeric(Numeric::Equals(number))))
    };
    let length = |component: &Component| member(component.length, component.text.encode_utf16().count());
    let port = member("nPort", usize::from(url.port()));
    let members = url.parts().1.iter().map(length).chain([port]).flatten().collect();
    let mut expect = succeeds();
    expect.gives.push((COMPONENTS, Matcher::Struct(definition, members)));
    Promise::new("components of a URL", expect, &["WinHttpCrackUrl/null-pointer-length"])
}

/// The URL that is put together of its components.
pub(super) fn together(url: &Url, space: &Space, rule: &'static str, seen: Option<&Outcome>) -> Promise {
    const FUNCTION: &str = "WinHttpCreateUrl";
    let Some(seen) = seen else { return Promise::nothing(FUNCTION) };
    let (text, _) = url.parts();
    let length = text.encode_utf16().count() as u32;
    let (fits, too_small) = (space.characters(&text) > length, is_too_small(seen));
    if !seen.success && !too_small {
        return Promise::nothing(FUNCTION);
    }
    let told = |numeric| (LENGTH, Matcher::Dword("DWORD", numeric));
    if fits {
        let mut expect = succeeds();
        expect.gives = vec![(URL, Matcher::Text(text)), told(Numeric::Equals(make::scalar(length)))];
        return Promise::new(
            rule,
            expect,
            &["WinHttpCreateUrl/components-given", "WinHttpCreateUrl/length-received"],
        );
    }
    let mut expect = fails(&["ERROR_INSUFFICIENT_BUFFER"]);
    expect.gives = vec![told(Numeric::AtLeast(make::scalar(length)))];
    Promise::new("no room for the URL", expect, &["WinHttpCreateUrl/length-required"])
}

fn is_too_small(seen: &Outcome) -> bool {
    !seen.success && u64::from(seen.error) == make::constant("ERROR_INSUFFICIENT_BUFFER").value
}
