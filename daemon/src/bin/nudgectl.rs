//! The operator's command.

fn main() -> std::process::ExitCode {
    nudged::ctl::main()
}
