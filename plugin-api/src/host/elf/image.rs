//! Whether the tables of a library agree with each other.
//!
//! The system's loader believes the program headers and the dynamic section blindly. The
//! section headers, which it does not need, say the same things again: what was damaged
//! in one place no longer fits the other.

use object::read::elf::{ProgramHeader as _, SectionHeader as _, SectionTable, SymbolTable};
use object::{Endianness, elf};

pub(super) type Header = elf::FileHeader64<Endianness>;
pub(super) type Segment = elf::ProgramHeader64<Endianness>;
pub(super) type Section = elf::SectionHeader64<Endianness>;
pub(super) type Checked = Result<(), &'static str>;

/// Most address space that a library may ask for, in bytes.
const MAX_SPAN: u64 = 1 << 30;
/// Alignments of loaded segments, in bytes.
const MIN_PAGE: u64 = 1 << 12;
const MAX_PAGE: u64 = 1 << 24;

/// A library's tables.
pub struct Image<'a> {
    pub bytes: &'a [u8],
    pub endian: Endianness,
    /// Where `segments` lie in the file.
    pub segments_at: u64,
    pub segments: &'a [Segment],
    pub sections: SectionTable<'a, Header>,
    pub symbols: SymbolTable<'a, Header>,
}

impl<'a> Image<'a> {
    /// Program headers lie in the file, in order, apart from each other.
    pub fn check_segments(&self) -> Checked {
        let mut end = 0;
        let mut first = None;
        for segment in self.segments {
            let file = Range::new(segment.p_offset(self.endian), segment.p_filesz(self.endian));
            if file.is_none_or(|file| file.end > self.bytes.len() as u64) {
                return Err("a segment reaches beyond the end of the file");
            }
            let memory = self.memory(segment).ok_or("a segment is too long")?;
            let alignment = segment.p_align(self.endian).max(1);
            if !alignment.is_power_of_two() || alignment > MAX_PAGE {
                return Err("a segment has no sensible alignment");
            }
            if segment.p_type(self.endian) != elf::PT_LOAD {
                continue;
            }
            let skew = segment.p_offset(self.endian) ^ segment.p_vaddr(self.endian);
            if segment.p_filesz(self.endian) > segment.p_memsz(self.endian)
                || skew & (alignment - 1) != 0
                || alignment < MIN_PAGE
                || memory.start < end
            {
                return Err("its segments do not fit together");
            }
            if self.allows(segment, elf::PF_W | elf::PF_X) {
                return Err("a segment is writable and executable");
            }
            end = memory.end;
            first.get_or_insert(memory.start);
        }
        match first {
            Some(first) if end - first <= MAX_SPAN => Ok(()),
            Some(_) => Err("its segments are too far apart"),
            None => Err("it has nothing to load"),
        }
    }

    /// Everything that a section has in memory is loaded from the right place with the
    /// right permissions, and the special segments are the sections of that kind.
    pub fn check_sections(&self) -> Checked {
        for section in self.sections.iter() {
            let flags = section.sh_flags(self.endian);
            let thread = flags & u64::from(elf::SHF_TLS) != 0;
            if thread && self.only(elf::PT_TLS)?.is_none() {
                return Err("its thread-locals have no segment");
            }
            // The zeroes of thread-locals have an address and take no room.
            let nowhere = thread && section.sh_type(self.endian) == elf::SHT_NOBITS;
            let allocated = flags & u64::from(elf::SHF_ALLOC) != 0;
            if allocated && !nowhere && section.sh_size(self.endian) != 0 {
                self.check_place(section)?;
            }
        }
        self.check_parts()?;
        self.check_unwinding()?;
        self.check_thread_locals()?;
        self.check_sealed()?;
        match self.only(elf::PT_GNU_STACK)? {
            Some(segment) if self.allows(segment, elf::PF_X) => Err("it wants a stack that runs"),
            _ => Ok(()),
        }
    }

    fn check_place(&self, section: &Section) -> Checked {
        let (address, size) = (section.sh_addr(self.endian), section.sh_size(self.endian));
        let home = self
            .home(address, size)
            .ok_or("a section lies outside the segments")?;
        let flags = section.sh_flags(self.endian);
        let mut wanted = elf::PF_R;
        if flags & u64::from(elf::SHF_EXECINSTR) != 0 {
            wanted |= elf::PF_X;
        }
        if flags & u64::from(elf::SHF_WRITE) != 0 {
            wanted |= elf::PF_W;
        }
        if !self.allows(home, wanted) {
            return Err("a section lacks its permissions");
        }
        let into = address - home.p_vaddr(self.endian);
        let in_file = into + size <= home.p_filesz(self.endian)
            && home.p_offset(self.endian) + into == section.sh_offset(self.endian);
        if section.sh_type(self.endian) == elf::SHT_NOBITS || in_file {
            Ok(())
        } else {
            Err("a section is not where its segment says")
        }
    }

    /// The segments that are parts of loaded ones are where those are.
    fn check_parts(&self) -> Checked {
        for part in self.segments {
            let (address, size) = (part.p_vaddr(self.endian), part.p_filesz(self.endian));
            if part.p_type(self.endian) == elf::PT_LOAD || size == 0 {
                continue;
            }
            let home = self.home(address, size).ok_or("a segment is lost")?;
            let into = address - home.p_vaddr(self.endian);
            let loaded = into + size <= home.p_filesz(self.endian)
                && part.p_offset(self.endian) == home.p_offset(self.endian) + into;
            let table = part.p_type(self.endian) == elf::PT_PHDR;
            if !loaded || (table && part.p_offset(self.endian) != self.segments_at) {
                return Err("a segment is out of place");
            }
        }
        Ok(())
    }

    fn check_unwinding(&self) -> Checked {
        let segment = self.only(elf::PT_GNU_EH_FRAME)?;
        match segment.zip(self.named(b".eh_frame_hdr")) {
            Some((segment, section)) if !self.same(segment, section) => {
                Err("its unwind table is out of place")
            }
            _ => Ok(()),
        }
    }

    fn check_thread_locals(&self) -> Checked {
        let Some(segment) = self.only(elf::PT_TLS)? else {
            return Ok(());
        };
        let span = |section: &Section| {
            Range::new(section.sh_addr(self.endian), section.sh_size(self.endian))
        };
        let data = self.named(b".tdata").and_then(span);
        let zeroes = self.named(b".tbss").and_then(span);
        let in_file = data.map_or(0, |data| data.end - data.start);
        let start = data.or(zeroes).map(|part| part.start);
        let end = zeroes.or(data).map_or(0, |part| part.end);
        // Some linkers round the size up.
        let slack = segment.p_align(self.endian).max(1);
        let memory = self.memory(segment).ok_or("a segment is too long")?;
        if start == Some(memory.start)
            && (end..end.saturating_add(slack)).contains(&memory.end)
            && segment.p_filesz(self.endian) == in_file
        {
            Ok(())
        } else {
            Err("its thread-locals are out of place")
        }
    }

    /// What becomes read-only after loading holds nothing that is written later.
    fn check_sealed(&self) -> Checked {
        const OUT: &str = "its sealed part is out of place";
        let Some(segment) = self.only(elf::PT_GNU_RELRO)? else {
            return Ok(());
        };
        let sealed = self.memory(segment).ok_or(OUT)?;
        let home = self.home(sealed.start, 1).ok_or(OUT)?;
        let room = self.memory(home).ok_or(OUT)?.end;
        let room = room.next_multiple_of(home.p_align(self.endian));
        let written = [&b".data"[..], b".bss"];
        let overlaps = written
            .iter()
            .filter_map(|name| self.named(name))
            .any(|section| {
                let start = section.sh_addr(self.endian);
                start < sealed.end && sealed.start < start + section.sh_size(self.endian)
            });
        if overlaps || sealed.end > room || !self.allows(home, elf::PF_W) {
            return Err(OUT);
        }
        Ok(())
    }

    /// The loaded segment that holds `size` bytes of memory at `address`.
    pub(super) fn home(&self, address: u64, size: u64) -> Option<&'a Segment> {
        let wanted = Range::new(address, size)?;
        let holds = |home: Range| home.start <= wanted.start && wanted.end <= home.end;
        self.segments
            .iter()
            .filter(|segment| segment.p_type(self.endian) == elf::PT_LOAD)
            .find(|segment| self.memory(segment).is_some_and(holds))
    }

    pub(super) fn allows(&self, segment: &Segment, wanted: u32) -> bool {
        segment.p_flags(self.endian) & wanted == wanted
    }

    pub(super) fn same(&self, segment: &Segment, section: &Section) -> bool {
        segment.p_vaddr(self.endian) == section.sh_addr(self.endian)
            && segment.p_offset(self.endian) == section.sh_offset(self.endian)
            && segment.p_filesz(self.endian) == section.sh_size(self.endian)
            && segment.p_memsz(self.endian) == section.sh_size(self.endian)
    }

    /// The segment of a kind that occurs at most once.
    pub(super) fn only(&self, kind: u32) -> Result<Option<&'a Segment>, &'static str> {
        let of_kind = |segment: &&Segment| segment.p_type(self.endian) == kind;
        let mut found = self.segments.iter().filter(of_kind);
        match (found.next(), found.next()) {
            (_, Some(_)) => Err("it has two segments where one belongs"),
            (first, None) => Ok(first),
        }
    }

    pub(super) fn of_type(&self, kind: u32) -> Option<&'a Section> {
        self.sections
            .iter()
            .find(|section| section.sh_type(self.endian) == kind)
    }

    fn named(&self, name: &[u8]) -> Option<&'a Section> {
        let found = self.sections.section_by_name(self.endian, name);
        found.map(|(_, section)| section)
    }

    fn memory(&self, segment: &Segment) -> Option<Range> {
        Range::new(segment.p_vaddr(self.endian), segment.p_memsz(self.endian))
    }
}

/// Part of a file or of memory.
#[derive(Clone, Copy)]
struct Range {
    start: u64,
    end: u64,
}

impl Range {
    fn new(start: u64, size: u64) -> Option<Self> {
        // Room to round up is left, so that sums of ends cannot overflow.
        let end = start.checked_add(size).filter(|end| *end < 1 << 62)?;
        Some(Self { start, end })
    }
}
