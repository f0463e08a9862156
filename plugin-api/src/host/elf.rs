//! Reads a file as an ELF shared library before the system's loader may touch it.
//!
//! The loader maps what the headers promise: a truncated file would end the process with
//! SIGBUS, and a library's constructors run before anybody can ask what it is.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use abi_stable::library::ROOT_MODULE_LOADER_NAME;
use object::read::elf::{ElfFile64, FileHeader as _, ProgramHeader as _};
use object::{Endianness, Object, ObjectSymbol, elf};

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
    (&*file)
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
    let truncated = |_| Problem::Not("the file is truncated or damaged".to_owned());
    let header = elf::FileHeader64::<Endianness>::parse(bytes).map_err(truncated)?;
    let endian = header.endian().map_err(truncated)?;
    let segments = header.program_headers(endian, bytes).map_err(truncated)?;
    for segment in segments {
        let end = segment
            .p_offset(endian)
            .checked_add(segment.p_filesz(endian));
        if end.is_none_or(|end| end > bytes.len() as u64) {
            return not("the file is truncated or damaged");
        }
    }
    let file = ElfFile64::<Endianness>::parse(bytes).map_err(truncated)?;
    let exported = file
        .dynamic_symbols()
        .any(|symbol| symbol.is_definition() && symbol.name() == Ok(ROOT_MODULE_LOADER_NAME));
    if exported {
        Ok(())
    } else {
        not("a shared library, but it exports no nudged driver (is `export_driver!` missing?)")
    }
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
