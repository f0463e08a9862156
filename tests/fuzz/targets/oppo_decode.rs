#![no_main]

libfuzzer_sys::fuzz_target!(|input: nudged_fuzz::Decode| {
    nudged_fuzz::decode::<nudged_oppo::Oppo>(&input);
});
