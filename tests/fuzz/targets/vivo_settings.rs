#![no_main]

libfuzzer_sys::fuzz_target!(|input: nudged_fuzz::Changes| {
    nudged_fuzz::settings::<nudged_vivo::Vivo>(&input);
});
