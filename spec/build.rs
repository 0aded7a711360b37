//! Lists the ledger's files, so that a new page needs no line of code: `requirements::read` embeds what this writes.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=requirements");
    let mut names = fs::read_dir("requirements")?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<io::Result<Vec<_>>>()?;
    names.retain(|name| name.ends_with(".yaml"));
    names.sort();
    let entries: String = names
        .iter()
        .map(|name| {
            format!(
                "({name:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/requirements/{name}\"))),\n"
            )
        })
        .collect();
    let out =
        env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR for build scripts"))?;
    fs::write(Path::new(&out).join("ledger_files.rs"), format!("&[\n{entries}]"))
}
