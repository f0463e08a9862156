//! Whether the dynamic section, which the system's loader lives by, is whole.

use object::read::elf::{Dyn as _, ProgramHeader as _, SectionHeader as _, Sym as _};
use object::{Endianness, elf};

use super::image::{Checked, Image};

/// Sizes of a relocation with addend, of a symbol and of a pointer, in bytes.
const RELA: u64 = 24;
const SYMBOL: u64 = 24;
const POINTER: u64 = 8;

impl Image<'_> {
    /// Whether a symbol of that name is defined for others.
    pub fn exports(&self, name: &str) -> bool {
        self.symbols.iter().any(|symbol| {
            symbol.st_shndx(self.endian) != elf::SHN_UNDEF
                && self.symbols.symbol_name(self.endian, symbol) == Ok(name.as_bytes())
        })
    }

    /// The dynamic section's tables are those of the sections, and whole.
    pub fn check_dynamic(&self) -> Checked {
        const NONE: &str = "it has no dynamic section";
        let segment = self.only(elf::PT_DYNAMIC)?.ok_or(NONE)?;
        let section = self.of_type(elf::SHT_DYNAMIC).ok_or(NONE)?;
        if !self.same(segment, section) {
            return Err("its dynamic section is out of place");
        }
        let entries = segment.dynamic(self.endian, self.bytes).ok().flatten();
        let entries = entries.ok_or("its dynamic section is unreadable")?;
        let end = entries
            .iter()
            .position(|entry| entry.d_tag(self.endian) == u64::from(elf::DT_NULL))
            .ok_or("its dynamic section has no end")?;
        let entries = Entries {
            entries: &entries[..end],
            endian: self.endian,
        };
        self.check_tables(&entries)?;
        self.check_names(&entries)?;
        let plain = (entries.get(elf::DT_RELA), entries.get(elf::DT_RELASZ));
        let jumps = (entries.get(elf::DT_JMPREL), entries.get(elf::DT_PLTRELSZ));
        if entries.get(elf::DT_RELAENT).unwrap_or(RELA) != RELA || entries.has(elf::DT_REL) {
            return Err("its relocations have another form than this machine's");
        }
        self.check_relocations(plain)?;
        self.check_relocations(jumps)?;
        self.check_constructors(&entries)
    }

    fn check_tables(&self, entries: &Entries<'_>) -> Checked {
        let symbols = self
            .of_type(elf::SHT_DYNSYM)
            .ok_or("it exports no symbols")?;
        let address = |kind| {
            self.of_type(kind)
                .map(|section| section.sh_addr(self.endian))
        };
        let agree = [
            (elf::DT_SYMTAB, Some(symbols.sh_addr(self.endian))),
            (elf::DT_SYMENT, Some(SYMBOL)),
            (elf::DT_GNU_HASH, address(elf::SHT_GNU_HASH)),
            (elf::DT_HASH, address(elf::SHT_HASH)),
            (elf::DT_VERSYM, address(elf::SHT_GNU_VERSYM)),
            (elf::DT_VERNEED, address(elf::SHT_GNU_VERNEED)),
            (elf::DT_VERDEF, address(elf::SHT_GNU_VERDEF)),
        ];
        if agree.iter().any(|(tag, value)| entries.get(*tag) != *value) {
            return Err("its symbol tables are out of place");
        }
        if entries.has(elf::DT_GNU_HASH) || entries.has(elf::DT_HASH) {
            Ok(())
        } else {
            Err("its symbols have no index")
        }
    }

    fn check_names(&self, entries: &Entries<'_>) -> Checked {
        const OUT: &str = "its names are out of place";
        let names = self.sections.section(self.symbols.string_section());
        let names = names.map_err(|_| OUT)?;
        let size = names.sh_size(self.endian);
        let data = names.data(self.endian, self.bytes).map_err(|_| OUT)?;
        let kinds = [
            elf::DT_NEEDED,
            elf::DT_SONAME,
            elf::DT_RPATH,
            elf::DT_RUNPATH,
        ];
        if entries.get(elf::DT_STRTAB) != Some(names.sh_addr(self.endian))
            || entries.get(elf::DT_STRSZ) != Some(size)
            || data.last() != Some(&0)
            || kinds
                .iter()
                .any(|tag| entries.all(*tag).any(|name| name >= size))
        {
            return Err(OUT);
        }
        for symbol in self.symbols.iter() {
            let index = symbol.st_shndx(self.endian);
            let elsewhere = matches!(index, elf::SHN_UNDEF | elf::SHN_ABS);
            let value = symbol.st_value(self.endian);
            let placed =
                elsewhere || symbol.st_type() == elf::STT_TLS || self.home(value, 0).is_some();
            if u64::from(symbol.st_name(self.endian)) >= size || !placed {
                return Err("a symbol is out of place");
            }
        }
        Ok(())
    }

    fn check_relocations(&self, (at, size): (Option<u64>, Option<u64>)) -> Checked {
        const OUT: &str = "its relocations are out of place";
        let (at, size) = match (at, size) {
            (Some(at), Some(size)) => (at, size),
            (None, None | Some(0)) => return Ok(()),
            _ => return Err(OUT),
        };
        let home = self
            .home(at, size)
            .filter(|_| size % RELA == 0)
            .ok_or(OUT)?;
        let start = home.p_offset(self.endian) + (at - home.p_vaddr(self.endian));
        let table = usize::try_from(start)
            .ok()
            .zip(usize::try_from(start + size).ok());
        let table = table.and_then(|(start, end)| self.bytes.get(start..end));
        for entry in table.ok_or(OUT)?.chunks_exact(RELA as usize) {
            let word = |at: usize| {
                let bytes = entry[at..at + 8]
                    .try_into()
                    .expect("a slice of eight bytes");
                u64::from_le_bytes(bytes)
            };
            let target = self.home(word(0), POINTER);
            let symbol = (word(8) >> 32) as usize;
            if !target.is_some_and(|home| self.allows(home, elf::PF_W))
                || symbol >= self.symbols.len()
            {
                return Err(OUT);
            }
        }
        Ok(())
    }

    fn check_constructors(&self, entries: &Entries<'_>) -> Checked {
        const OUT: &str = "its constructors are out of place";
        for (table, size) in [
            (elf::DT_INIT_ARRAY, elf::DT_INIT_ARRAYSZ),
            (elf::DT_FINI_ARRAY, elf::DT_FINI_ARRAYSZ),
        ] {
            let size = entries.get(size).unwrap_or(0);
            let lost = |at| self.home(at, size).is_none();
            if size % POINTER != 0 || entries.get(table).is_some_and(lost) {
                return Err(OUT);
            }
        }
        for tag in [elf::DT_INIT, elf::DT_FINI] {
            let home = entries.get(tag).map(|at| self.home(at, 1));
            if home.is_some_and(|home| !home.is_some_and(|home| self.allows(home, elf::PF_X))) {
                return Err(OUT);
            }
        }
        Ok(())
    }
}

struct Entries<'a> {
    entries: &'a [elf::Dyn64<Endianness>],
    endian: Endianness,
}

impl Entries<'_> {
    fn all(&self, tag: u32) -> impl Iterator<Item = u64> {
        self.entries
            .iter()
            .filter(move |entry| entry.d_tag(self.endian) == u64::from(tag))
            .map(|entry| entry.d_val(self.endian))
    }

    fn get(&self, tag: u32) -> Option<u64> {
        self.all(tag).next()
    }

    fn has(&self, tag: u32) -> bool {
        self.get(tag).is_some()
    }
}
