//! Shipped examples, copied into a folder of their own.

use std::path::Path;

/// Copies `examples/NAME` into a folder, and makes its shop's database where it has one.
pub fn copy(name: &str, to: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    copy_folder(&from, to);
    let script = to.join("shop.sql");
    if script.exists() {
        let sql = std::fs::read_to_string(script).unwrap();
        crate::support::run(async {
            use onhand::world::Database;
            let path = to.join("shop.db").to_str().unwrap().to_owned();
            let mut shop =
                onhand::world::sqlite::Sqlite::open(&path, true, std::time::Duration::ZERO).unwrap();
            shop.batch(&sql).await.unwrap();
        });
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
