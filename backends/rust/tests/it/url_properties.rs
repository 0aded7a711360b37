//! What holds for every URL: taken apart and put together it is the same, and no call writes more than it says.

use std::ptr::null_mut;

use proptest::prelude::*;

use crate::api::*;

/// What a test buffer holds where nothing was written.
const FILL: u16 = 0xFFFF;

/// A URL in parts; what is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    scheme: String,
    user: String,
    password: String,
    host: String,
    port: u16,
    path: String,
    extra: String,
}

/// Parts that make a URL more often than not, with the delimiters of URLs among their characters.
fn parts() -> impl Strategy<Value = Parts> {
    let scheme = prop_oneof![9 => "https?", 1 => "[a-z]{0,5}"];
    let user = prop_oneof![2 => "", 2 => "[a-z%é]{1,4}", 1 => "[a-z:/?#@]{1,4}"];
    let password = prop_oneof![2 => "", 2 => "[a-z%:é]{1,4}", 1 => "[a-z:/?#@]{1,4}"];
    let host = prop_oneof![6 => "[a-z.0-9é]{1,6}", 2 => r"\[[0-9a-f:]{0,5}\]", 1 => r"[a-z:/?#@\[\]]{0,5}"];
    let path = prop_oneof![1 => "", 6 => "/[a-z/%. <é]{0,6}", 1 => "[a-z:/?#@]{1,6}"];
    let extra = prop_oneof![1 => "", 6 => "[?#][a-z/%.&=?# <é]{0,6}", 1 => "[a-z:/@]{1,6}"];
    (scheme, user, password, host, any::<u16>(), path, extra).prop_map(
        |(scheme, user, password, host, port, path, extra)| Parts {
            scheme,
            user,
            password,
            host,
            port,
            path,
            extra,
        },
    )
}

/// Text of which WinHttpCrackUrl accepts a good deal.
fn url() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => r"https?://([a-z]{0,3}(:[a-z]{0,3})?@)?([a-z.]{1,5}|\[[0-9a-f:]{1,5}\])(:[0-9]{0,5})?(/[a-z/%]{0,5})?(\?[a-z=]{0,5})?(#[a-z?]{0,5})?",
        1 => r"https?://[a-z:/?#@\[\]0-9. ]{0,16}",
    ]
}

impl Parts {
    /// As WinHttpCrackUrl gives them: a scheme and a port, and the path up to the query, with its slash.
    fn meant(&self) -> Parts {
        let rooted = self.path.is_empty() || self.path.starts_with(['/', '?', '#']);
        let rest = format!("{}{}{}", if rooted { "" } else { "/" }, self.path, self.extra);
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let own = if self.scheme == "https" { 443 } else { 80 };
        Parts {
            scheme: if self.scheme.is_empty() { "http".to_owned() } else { self.scheme.clone() },
            port: if self.port == 0 { own } else { self.port },
            path: rest[..end].to_owned(),
            extra: rest[end..].to_owned(),
            ..self.clone()
        }
    }

    /// Calls WinHttpCreateUrl with room for so many characters: the URL or the error, and the length.
    fn create(&self, flags: u32, room: u32) -> (Result<String, u32>, u32) {
        let texts = [&self.scheme, &self.user, &self.password, &self.host, &self.path, &self.extra]
            .map(|text| wide(text));
        let pointer = |index: usize| {
            // A part that is not there is NULL; a length of 0 means a terminator.
            if texts[index].len() > 1 { texts[index].as_ptr().cast_mut() } else { null_mut() }
        };
        let components = URL_COMPONENTS {
            lpszScheme: pointer(0),
            lpszUserName: pointer(1),
            lpszPassword: pointer(2),
            lpszHostName: pointer(3),
            lpszUrlPath: pointer(4),
            lpszExtraInfo: pointer(5),
            nPort: self.port,
            ..blank()
        };
        let mut buffer = vec![FILL; room as usize + 4];
        let mut length = room;
        let error = outcome(call!(WinHttpCreateUrl(&components, flags, buffer.as_mut_ptr(), &mut length)));
        let written = if error == 0 { length as usize + 1 } else { 0 };
        assert!(written <= room as usize, "{written} characters are said to be in {room}");
        assert!(buffer[written..].iter().all(|unit| *unit == FILL), "more is written than is said");
        if error != 0 {
            return (Err(error), length);
        }
        assert_eq!(buffer[written - 1], 0);
        (Ok(String::from_utf16(&buffer[..written - 1]).unwrap()), length)
    }
}

fn blank() -> URL_COMPONENTS {
    URL_COMPONENTS { dwStructSize: size_of::<URL_COMPONENTS>() as u32, ..Default::default() }
}

/// Calls WinHttpCrackUrl for places in the URL.
fn crack(url: &str) -> Result<Parts, u32> {
    let units = wide(url);
    let asked = u32::MAX;
    let mut found = URL_COMPONENTS {
        dwSchemeLength: asked,
        dwUserNameLength: asked,
        dwPasswordLength: asked,
        dwHostNameLength: asked,
        dwUrlPathLength: asked,
        dwExtraInfoLength: asked,
        ..blank()
    };
    match outcome(call!(WinHttpCrackUrl(units.as_ptr(), 0, 0, &mut found))) {
        0 => {}
        error => return Err(error),
    }
    let inside = units.as_ptr_range();
    let text = |place: *const u16, length: u32| {
        if place.is_null() {
            assert_eq!(length, 0, "a length of nothing");
            return String::new();
        }
        let start = (place as usize - inside.start as usize) / 2;
        String::from_utf16(&units[start..start + length as usize]).unwrap()
    };
    Ok(Parts {
        scheme: text(found.lpszScheme, found.dwSchemeLength),
        user: text(found.lpszUserName, found.dwUserNameLength),
        password: text(found.lpszPassword, found.dwPasswordLength),
        host: text(found.lpszHostName, found.dwHostNameLength),
        port: found.nPort,
        path: text(found.lpszUrlPath, found.dwUrlPathLength),
        extra: text(found.lpszExtraInfo, found.dwExtraInfoLength),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_put_together_is_taken_apart_into_the_same(parts in parts()) {
        if let (Ok(url), _) = parts.create(0, 200) {
            prop_assert_eq!(crack(&url), Ok(parts.meant()), "{}", url);
        }
    }

    #[test]
    fn what_was_taken_apart_is_put_together_to_the_same(url in url()) {
        if let Ok(parts) = crack(&url) {
            let (again, _) = parts.create(0, 200);
            prop_assert_eq!(again.as_deref().map(crack), Ok(Ok(parts.meant())), "{:?}", again);
        }
    }

    #[test]
    fn an_escaped_url_has_only_characters_of_ascii_and_no_space(parts in parts()) {
        let plain = Parts { user: String::new(), password: String::new(), host: "h".to_owned(), ..parts };
        if let (Ok(url), _) = plain.create(ICU_ESCAPE, 200) {
            prop_assert!(url.chars().all(|c| c.is_ascii_graphic()), "{}", url);
            prop_assert!(crack(&url).is_ok());
        }
    }

    #[test]
    fn a_url_needs_as_much_room_as_is_said(parts in parts(), escape: bool, room in 0..80_u32) {
        let flags = if escape { ICU_ESCAPE } else { 0 };
        match parts.create(flags, room) {
            (Ok(url), length) => {
                prop_assert_eq!(url.encode_utf16().count(), length as usize);
                let (refused, needed) = parts.create(flags, length);
                prop_assert_eq!((refused, needed), (Err(ERROR_INSUFFICIENT_BUFFER), length + 1));
            }
            (Err(ERROR_INSUFFICIENT_BUFFER), needed) => {
                prop_assert!(needed > room);
                let (made, length) = parts.create(flags, needed);
                prop_assert!(made.is_ok());
                prop_assert_eq!(length + 1, needed);
            }
            (Err(error), length) => {
                prop_assert_eq!(length, room, "the length of a failure with {}", error);
            }
        }
    }

    #[test]
    fn a_copy_has_the_room_that_it_is_given(url in url(), room in 1..12_u32, flags in prop_oneof![Just(0), Just(ICU_DECODE), Just(ICU_ESCAPE)]) {
        let units = wide(&url);
        let (mut host, mut path) = ([FILL; 16], [FILL; 16]);
        let mut found = URL_COMPONENTS {
            lpszHostName: host.as_mut_ptr(),
            dwHostNameLength: room,
            lpszUrlPath: path.as_mut_ptr(),
            dwUrlPathLength: room,
            ..blank()
        };
        let error = outcome(call!(WinHttpCrackUrl(units.as_ptr(), 0, flags, &mut found)));
        for (buffer, length) in [(host, found.dwHostNameLength), (path, found.dwUrlPathLength)] {
            let written = if error == 0 { length as usize + 1 } else { 0 };
            prop_assert!(written <= room as usize);
            prop_assert!(buffer[written..].iter().all(|unit| *unit == FILL));
            prop_assert!(written == 0 || buffer[written - 1] == 0);
        }
        if flags == 0 && error == 0 {
            let parts = crack(&url).unwrap();
            let copied = String::from_utf16(&host[..found.dwHostNameLength as usize]).unwrap();
            prop_assert_eq!(copied, parts.host);
        }
    }
}
