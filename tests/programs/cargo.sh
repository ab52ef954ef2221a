# cargo, offline: building and testing crates, a program of threads and a caught panic.
# parts: semver itoa fnv program
# level: long
# timeout: 400
set -eu
export CARGO_HOME=$PWD/home CARGO_TARGET_DIR=$PWD/target
mkdir home
source=/usr/share/cargo/registry
if [ "$1" != program ]; then
	cp -r $source/"$1"-[0-9]* crate; cd crate; rm -f Cargo.lock
	# without the dependencies that are optional
	sed -i '/^\[dependencies\./,/^$/d; /"dep:/d; /^serde =/d; /^no-panic =/d' Cargo.toml
	exec cargo test --offline -j2 --lib --bins --tests
fi
cp -r $source/fnv-[0-9]* fnv; rm -f fnv/Cargo.lock
cargo new -q --vcs none app; cd app
echo 'fnv = { path = "../fnv" }' >> Cargo.toml
cat > src/main.rs <<'X'
use std::{collections::HashMap, panic, sync::mpsc, thread};

fn main() {
    let mut m: HashMap<u32, u64, fnv::FnvBuildHasher> = Default::default();
    let (t, r) = mpsc::channel();
    for i in 0..8u32 {
        let t = t.clone();
        thread::spawn(move || for j in 0..1000 { t.send(i * 1000 + j).unwrap(); });
    }
    drop(t);
    for v in r { *m.entry(v % 97).or_default() += v as u64; }
    let caught = panic::catch_unwind(|| panic!("boom")).is_err();
    println!("{} {} {}", m.len(), m.values().sum::<u64>(), caught);
}
X
[ "$(cargo run -q --release --offline)" = '97 31996000 true' ]
