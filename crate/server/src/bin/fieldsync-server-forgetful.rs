//! `fieldsync-server` with a defect on purpose: what it has taken already and comes again, it takes once more. It shows that
//! chaos would tell (`cargo xtask chaos --mutant receipts`).

#[path = "../main.rs"]
mod server;

use std::process::ExitCode;

fn main() -> ExitCode {
    fieldsync_server::judge::mutant::forget_receipts();
    server::main()
}
