//! How programs are made by chance, and what becomes simpler when one is shrunk: fewer calls, then plainer ones.

use proptest::prelude::*;
use proptest::sample::select;

use winhttp_spec::options::{Caution, OPTIONS};

use super::memory::{Given, Room, Shape};
use super::program::{Action, Choice, Program, Root, Target, Verb};
use super::url::{Space, Url};
use crate::case::SetupKind;

/// Programs have one to this many calls.
const CALLS: usize = 8;

/// Any program.
pub(super) fn programs() -> BoxedStrategy<Program> {
    let actions = prop::collection::vec(action(), 1..=CALLS);
    (target(), target(), option(), option(), prop::bool::weighted(0.2), actions)
        .prop_map(|(first, second, option, other, asynchronous, actions)| Program {
            handles: [first, second],
            options: [option, other],
            asynchronous,
            actions,
        })
        .boxed()
}

fn target() -> impl Strategy<Value = Target> {
    let root = prop_oneof![3 => Just(Root::First), 1 => Just(Root::Second)];
    let kind = prop_oneof![
        12 => Just(SetupKind::Session),
        6 => Just(SetupKind::Connect),
        12 => Just(SetupKind::Request),
        // An upgrade costs as much as some hundred other calls.
        1 => Just(SetupKind::WebSocket),
    ];
    prop_oneof![
        12 => (root, kind).prop_map(|(root, kind)| Target::Of(root, kind)),
        1 => Just(Target::Null),
        1 => Just(Target::Forged),
    ]
}

/// Another option is another question: an option does not shrink.
fn option() -> impl Strategy<Value = Choice> {
    let documented: Vec<_> = OPTIONS
        .iter()
        .filter(|option| option.value.is_some() && option.caution != Some(Caution::Internal))
        .map(Choice::Documented)
        .collect();
    prop_oneof![
        16 => select(documented).no_shrink(),
        1 => (0_u32..0x1100).prop_map(Choice::of).no_shrink(),
        1 => any::<u32>().prop_map(Choice::of).no_shrink(),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    (prop::bool::weighted(0.3), prop::bool::weighted(0.3), verb())
        .prop_map(|(on_second, of_second, verb)| Action { on_second, of_second, verb })
}

fn verb() -> impl Strategy<Value = Verb> {
    prop_oneof![
        8 => room().prop_map(Verb::Query),
        8 => given().prop_map(Verb::Set),
        1 => Just(Verb::Watch),
        1 => Just(Verb::Close),
        2 => (url(), space()).prop_map(|(url, space)| Verb::ThereAndBack(url, space)),
        1 => (url(), space()).prop_map(|(url, space)| Verb::Create(url, space)),
    ]
}

fn room() -> impl Strategy<Value = Room> {
    prop_oneof![
        4 => (delta(), any::<bool>()).prop_map(|(delta, edge)| Room::Around { delta, edge }),
        2 => length().prop_map(|length| Room::Null { length }),
        2 => (0_u32..64, any::<bool>()).prop_map(|(bytes, edge)| Room::Space { bytes, edge }),
        1 => Just(Room::Huge),
        2 => Just(Room::Needed),
    ]
}

fn given() -> impl Strategy<Value = Given> {
    let shape = prop_oneof![
        4 => Just(Shape::Exact),
        2 => (delta(), any::<bool>()).prop_map(|(delta, edge)| Shape::Around { delta, edge }),
        1 => Just(Shape::Huge),
    ];
    prop_oneof![
        6 => (0_u8..16, any::<u64>(), shape)
            .prop_map(|(pick, random, shape)| Given::Value { pick, random, shape }),
        1 => length().prop_map(|length| Given::Null { length }),
    ]
}

fn space() -> impl Strategy<Value = Space> {
    (delta(), any::<bool>()).prop_map(|(delta, edge)| Space { delta, edge })
}

/// A dollar sign is left out: in a case it stands for something else.
fn url() -> impl Strategy<Value = Url> {
    const NAME: &str = "ab9.~%!&'()*+,;=-_";
    const PATH: &str = "ab9/.~%!&'()*+,;=-_:@";
    let user = (text(NAME, 1..6), prop::option::of(text(NAME, 1..6)));
    let host = prop_oneof![
        4 => text("abz09-.", 1..8).prop_map(|middle| format!("h{middle}h")),
        1 => select(vec!["127.0.0.1".to_owned(), "[::1]".to_owned()]),
    ];
    let extra = prop_oneof![
        1 => Just(String::new()),
        2 => (text("?#", 1..2), text("ab9/?#.%&=+;:@ ", 0..6)).prop_map(|(start, rest)| start + &rest),
    ];
    let port = prop::option::of(1_u16..);
    (any::<bool>(), prop::option::weighted(0.3, user), host, port, text(PATH, 0..8), extra).prop_map(
        |(secure, user, host, port, path, extra)| {
            let (user, password) = user.map_or((None, None), |(user, password)| (Some(user), password));
            Url { secure, user, password, host, port, path: format!("/{path}"), extra }
        },
    )
}

/// So many of these characters.
fn text(characters: &'static str, length: std::ops::Range<usize>) -> impl Strategy<Value = String> {
    let characters: Vec<char> = characters.chars().collect();
    prop::collection::vec(select(characters), length).prop_map(String::from_iter)
}

fn delta() -> impl Strategy<Value = i32> {
    prop_oneof![2 => Just(0), 3 => -5..6]
}

fn length() -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0_u32), 2 => 1_u32..32, 1 => Just(u32::MAX)]
}
