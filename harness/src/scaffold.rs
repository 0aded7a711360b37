//! The beginning of a case: what a requirement promises, and the call that it is about, ready but for what has to be
//! filled in.
//!
//! Everything that is written is accepted by [`crate::load`], except where it says [`MARK`].

use winhttp_origin::Script;
use winhttp_spec::constants;
use winhttp_spec::functions::{self, Function, Param, Type};
use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::{Cell, Data, OPTIONS, WinHttpOption};
use winhttp_spec::requirements::{Requirement, Testability, ledger};
use winhttp_spec::structs::Width;

use crate::case::{Argument, Case, Content, Scalar, SetupKind, Step};
use crate::diagnostics::nearest;
use crate::make;
use crate::matrix::handles;
use crate::write::case_text;

/// Stands where something has to be filled in: no word of the case language, so that it is not forgotten.
pub const MARK: &str = "FILL-IN";

const EXPECTATIONS: &str = "succeeds: true, fails: ERROR_X, returns: VALUE, gives: { … } or unchanged: [ … ]";
/// The width of a comment.
const COLUMNS: usize = 110;

/// A file with the beginning of a case for a requirement.
///
/// # Errors
///
/// There is no such requirement; the message names one that is spelt alike.
pub fn file(id: &str) -> Result<String, String> {
    let requirement = requirement(id)?;
    Ok(format!("{}\ncases:\n{}", comment(requirement, 0), case(requirement, &name(requirement))))
}

/// What to append to the text of a case file so that it begins a case for a requirement.
///
/// # Errors
///
/// There is no such requirement, or the text is none of a case file.
pub fn addition(id: &str, text: &str) -> Result<String, String> {
    let requirement = requirement(id)?;
    let cases = |text: &str| -> Result<serde_yaml::Mapping, String> {
        let file: serde_yaml::Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
        let cases = file.get("cases").and_then(serde_yaml::Value::as_mapping);
        cases.cloned().ok_or_else(|| "it is no case file: it has no `cases`".to_owned())
    };
    let before = cases(text)?;
    let wanted = name(requirement);
    let free = |name: &String| !before.contains_key(name.as_str());
    let name = std::iter::once(wanted.clone())
        .chain((2..).map(|number| format!("{wanted}-{number}")))
        .find(free)
        .unwrap_or(wanted);
    let gap = if text.ends_with('\n') { "\n" } else { "\n\n" };
    let addition = format!("{gap}{}{}", comment(requirement, 1), case(requirement, &name));
    // The end of the file is the end of its cases only if nothing stands behind them.
    let after = cases(&format!("{text}{addition}")).unwrap_or_default();
    let kept = before.iter().all(|(name, case)| after.get(name) == Some(case));
    if kept && after.len() == before.len() + 1 {
        Ok(addition)
    } else {
        Err("its cases are not the last thing in it, so none can be added".to_owned())
    }
}

fn requirement(id: &str) -> Result<&'static Requirement, String> {
    ledger().requirement(id).ok_or_else(|| {
        let ids = ledger().all().map(|requirement| requirement.id.as_str());
        let advice = match nearest(id, ids) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                "`conform coverage --uncovered PAGE` names those of a page that no case covers".to_owned()
            }
        };
        format!("there is no requirement `{id}`; {advice}")
    })
}

/// The requirement's own part of its id.
fn name(requirement: &Requirement) -> String {
    requirement.id.split_once('/').map_or(requirement.id.as_str(), |(_, slug)| slug).replace('/', "-")
}

/// Promise and page.
fn comment(requirement: &Requirement, depth: usize) -> String {
    let page = ledger().pages().iter().find(|page| page.name == requirement.page);
    let (title, url) = page.map_or(("", ""), |page| (&page.title, &page.url));
    let place = format!("{title}, {}: {url}", requirement.section);
    let mut lines = Vec::new();
    for text in [&requirement.says, &place] {
        let mut line = String::new();
        for word in text.split_whitespace() {
            if !line.is_empty() && line.len() + word.len() >= COLUMNS {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        lines.push(line);
    }
    lines.iter().map(|line| format!("{}# {line}\n", "  ".repeat(depth))).collect()
}

/// The case below `cases:`.
fn case(requirement: &Requirement, name: &str) -> String {
    let mut case = Case { covers: vec![requirement.id.clone()], ..Case::default() };
    case.origin = match requirement.test {
        Testability::Loopback => Some(Script::Ok),
        _ => None,
    };
    let asked = match (option(requirement), function(requirement)) {
        (Some(option), _) => of_option(requirement, option, &mut case),
        (None, Some(function)) => of_function(function, &mut case),
        (None, None) => {
            let kind = match requirement.test {
                Testability::Websocket => SetupKind::WebSocket,
                Testability::Loopback => SetupKind::Request,
                _ => SetupKind::Session,
            };
            case.steps.push(make::setup(kind, "h"));
            return format!("{}      - {MARK}: {{}}\n", case_text(name, &case));
        }
    };
    case.steps.push(asked);
    let expected = match error(requirement) {
        Some(code) => format!("fails: {code}  # {MARK}: arguments or steps that bring it about"),
        None => format!("{MARK}: what is promised  # {EXPECTATIONS}"),
    };
    format!("{}        {expected}\n", case_text(name, &case))
}

/// The option of the page's section that makes the promise.
fn option(requirement: &Requirement) -> Option<&'static WinHttpOption> {
    let slug = requirement.id.strip_prefix("option-flags/")?.split('/').next()?;
    OPTIONS.iter().find(|option| option.slug() == slug && option.value.is_some())
}

/// The page's function, or the first that the promise names.
fn function(requirement: &Requirement) -> Option<&'static Function> {
    let words = requirement.says.split(|c: char| !c.is_ascii_alphanumeric());
    functions::find(&requirement.page).or_else(|| words.into_iter().find_map(functions::find))
}

/// The only error code that the promise names.
fn error(requirement: &Requirement) -> Option<&str> {
    let mut codes = requirement.says.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| {
        word.starts_with("ERROR_") && *word != "ERROR_SUCCESS" && constants::value(word).is_some()
    });
    codes.next().filter(|_| codes.next().is_none())
}

/// The call of a function with all its parameters but the lengths, which are derived.
fn of_function(function: &'static Function, case: &mut Case) -> Step {
    let ready = handles::ready(function, &mut case.steps, &mut case.origin);
    let mut arguments = Vec::new();
    for param in function.params.iter().filter(|param| param.length_of.is_none()) {
        let known = ready.iter().find(|(name, _)| *name == param.name);
        arguments
            .push((param.name, known.map_or_else(|| placeholder(param), |(_, argument)| argument.clone())));
    }
    Step::Call(Box::new(make::call(function.name, arguments)))
}

/// Something that the parameter can be given.
fn placeholder(param: &Param) -> Argument {
    let number = || make::word(make::scalar(0));
    if param.optional && !matches!(param.ty, Type::Dword | Type::Word | Type::Qword | Type::DwordPtr) {
        return make::word(make::null());
    }
    match param.ty {
        Type::Handle => make::word(Scalar::Forged),
        Type::Dword | Type::Word | Type::Qword | Type::DwordPtr => number(),
        Type::WideStr => make::text("text"),
        Type::Buffer | Type::WideBuffer => make::space(128),
        Type::DwordPointer => make::data(Content::Dword("DWORD", make::scalar(0))),
        Type::WordPointer => make::space(2),
        Type::PointerPointer => make::data(Content::Pointer("LPVOID", make::null())),
        Type::StructPointer(name) => make::structure(name, Vec::new()),
        Type::WideStrArray => make::word(make::null()),
        Type::Callback => make::word(Scalar::Recorder(0)),
    }
}

/// Setting or querying an option on the first kind of handle that it is valid on.
fn of_option(requirement: &Requirement, option: &WinHttpOption, case: &mut Case) -> Step {
    const KINDS: [(HandleKind, SetupKind); 4] = [
        (HandleKind::Session, SetupKind::Session),
        (HandleKind::Connect, SetupKind::Connect),
        (HandleKind::Request, SetupKind::Request),
        (HandleKind::WebSocket, SetupKind::WebSocket),
    ];
    let (_, kind) = KINDS.into_iter().find(|(kind, _)| option.on(*kind) == Cell::Yes).unwrap_or(KINDS[2]);
    case.steps.push(make::setup(kind, "h"));
    let sets = option.query != Cell::Yes || requirement.says.contains("WinHttpSetOption");
    let function = if sets { "WinHttpSetOption" } else { "WinHttpQueryOption" };
    let zero = || make::scalar(0);
    let buffer = match option.data {
        _ if !sets => make::space(option.data.size(Width::W64).unwrap_or(1024)),
        Data::Dword => make::data(Content::Dword("DWORD", zero())),
        Data::Bool => make::data(Content::Dword("BOOL", zero())),
        Data::DwordPtr => make::data(Content::Pointer("DWORD_PTR", zero())),
        Data::Pointer | Data::StructPointer(_) => make::data(Content::Pointer("LPVOID", make::null())),
        Data::Wide => make::data(Content::Text { text: "text".to_owned(), terminated: true }),
        Data::Struct(name) => make::structure(name, Vec::new()),
        Data::None | Data::Unstated => make::word(make::null()),
    };
    let arguments = vec![
        ("hInternet", make::word(make::reference("h"))),
        ("dwOption", make::word(Scalar::Number(make::constant(option.name)))),
        ("lpBuffer", buffer),
    ];
    Step::Call(Box::new(make::call(function, arguments)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::load_text;

    /// All that is wrong with the text are the places that have to be filled in.
    fn only_marks(text: &str) {
        if let Err(errors) = load_text("begun", "begun.yaml", text) {
            for diagnostic in &errors.diagnostics {
                assert!(diagnostic.message.contains(MARK), "{}\n{text}", diagnostic.message);
            }
        }
        assert!(text.contains(MARK), "{text}");
    }

    #[test]
    fn a_case_of_every_requirement_can_be_begun() {
        for requirement in ledger().all() {
            only_marks(&file(&requirement.id).unwrap_or_else(|error| panic!("{error}")));
        }
    }

    #[test]
    fn the_call_has_its_parameters_and_what_has_to_come_before() {
        let text = file("WinHttpReadData/request-handle").expect("a requirement");
        assert!(
            text.starts_with("# hRequest takes a request handle that WinHttpOpenRequest returned.\n"),
            "{text}"
        );
        let steps = ["request: h", "WinHttpSendRequest:", "WinHttpReceiveResponse:", "WinHttpReadData:"];
        let places: Vec<_> =
            steps.iter().map(|step| text.find(step).unwrap_or_else(|| panic!("{text}"))).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(text.contains("lpBuffer: {space: 16}, lpdwNumberOfBytesRead: {DWORD: 0}"), "{text}");
    }

    #[test]
    fn a_case_is_added_behind_the_others() {
        let old = "# Mine.\ncovers: [WinHttpOpen/opens-session]\n\ncases:\n  request-handle:\n    steps:\n      - WinHttpOpen: {}\n        succeeds: true\n";
        let new = format!("{old}{}", addition("WinHttpReadData/request-handle", old).expect("a case file"));
        assert!(
            new.contains("\n  request-handle-2:\n    covers: [WinHttpReadData/request-handle]\n"),
            "{new}"
        );
        only_marks(&new);
        let errors = addition("WinHttpReadData/request-handle", &format!("{old}origin: ok\n"));
        assert!(errors.is_err_and(|error| error.contains("not the last")));
        assert!(addition("WinHttpReadData/request-handle", "a: b\n").is_err());
    }

    #[test]
    fn a_requirement_that_is_not_there_is_answered_with_one_that_is() {
        let error = file("WinHttpReadData/request-handel").expect_err("no such requirement");
        assert!(error.contains("did you mean `WinHttpReadData/request-handle`?"), "{error}");
    }
}
