//! Reads a file as an ELF shared library before the system's loader may touch it.
//!
//! The loader maps what the headers promise: a truncated file would end the process with
//! SIGBUS, and a library's constructors run before anybody can ask what it is. Damage is
//! looked for, malice is not: only root may put files into the directory of drivers.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use abi_stable::library::ROOT_MODULE_LOADER_NAME;
use object::read::elf::FileHeader as _;
use object::{Endianness, elf};

use image::Image;

mod dynamic;
mod image;

/// Largest library that is looked at, in bytes.
const MAX_SIZE: u64 = 256 << 20;

pub enum Problem {
    Read(io::Error),
    Not(String),
}

/// Whether `file` is a shared library of this machine that exports a driver.
pub fn check(file: &File) -> Result<(), Problem> {
    let metadata = file.metadata().map_err(Problem::Read)?;
    if !metadata.is_file() {
        return not("not a regular file");
    }
    if metadata.len() > MAX_SIZE {
        return not(format!(
            "{} bytes are more than any driver has",
            metadata.len()
        ));
    }
    let mut start = [0; 20];
    let length = file.read_at(&mut start, 0).map_err(Problem::Read)?;
    check_header(&start[..length])?;
    let mut bytes = Vec::with_capacity(metadata.len() as usize);
    let mut reader = file;
    reader
        .by_ref()
        .take(MAX_SIZE)
        .read_to_end(&mut bytes)
        .map_err(Problem::Read)?;
    check_contents(&bytes)
}

fn check_header(start: &[u8]) -> Result<(), Problem> {
    match start {
        [] => return not("the file is empty"),
        [0x7f, b'E', b'L', b'F', ..] => {}
        _ => return not("not an ELF shared library"),
    }
    if start.len() < 20 {
        return not("the file is truncated");
    }
    let wanted = machine();
    let class = start[4];
    let number = u16::from_le_bytes([start[18], start[19]]);
    if class != elf::ELFCLASS64 || start[5] != elf::ELFDATA2LSB || number != wanted {
        return not(format!(
            "built for another machine (ELF machine {number}, this one is {wanted}, 64-bit little-endian)"
        ));
    }
    if u16::from_le_bytes([start[16], start[17]]) != elf::ET_DYN {
        return not("an ELF file, but not a shared library");
    }
    Ok(())
}

fn check_contents(bytes: &[u8]) -> Result<(), Problem> {
    let damaged =
        |problem: &str| Problem::Not(format!("the file is truncated or damaged ({problem})"));
    let unreadable = |_| damaged("its tables are out of place");
    let header = elf::FileHeader64::<Endianness>::parse(bytes).map_err(unreadable)?;
    let endian = header.endian().map_err(unreadable)?;
    let segments = header.program_headers(endian, bytes).map_err(unreadable)?;
    let sections = header.sections(endian, bytes).map_err(unreadable)?;
    let symbols = sections
        .symbols(endian, bytes, elf::SHT_DYNSYM)
        .map_err(unreadable)?;
    let image = Image {
        bytes,
        endian,
        segments_at: header.e_phoff(endian),
        segments,
        sections,
        symbols,
    };
    image.check_segments().map_err(damaged)?;
    if image.symbols.is_empty() || !image.exports(ROOT_MODULE_LOADER_NAME) {
        return not(
            "a shared library, but it exports no nudged driver (is `export_driver!` missing?)",
        );
    }
    image.check_sections().map_err(damaged)?;
    image.check_dynamic().map_err(damaged)
}

const fn machine() -> u16 {
    if cfg!(target_arch = "x86_64") {
        elf::EM_X86_64
    } else if cfg!(target_arch = "aarch64") {
        elf::EM_AARCH64
    } else if cfg!(target_arch = "riscv64") {
        elf::EM_RISCV
    } else {
        elf::EM_NONE
    }
}

fn not<T>(problem: impl Into<String>) -> Result<T, Problem> {
    Err(Problem::Not(problem.into()))
}
