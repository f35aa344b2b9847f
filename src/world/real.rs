//! The real world: the system's clock, chance, files and environment.

use super::web::Web;
use super::{Clock, Env, FileEntry, FileError, Files, Random, Task, World};
use std::cell::Cell;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The world as it is. `writes`: whether the systems outside may be changed; a preview passes `false`, and
/// then unsafe requests are refused and databases open for reading only, whatever a connector thinks.
pub fn world(writes: bool) -> World {
    World {
        leaves_until_ms: Cell::new(i64::MAX),
        clock: Box::new(SystemClock),
        random: Box::new(SystemRandom),
        http: Box::new(Web::new(writes)),
        files: Box::new(RealFiles),
        env: Box::new(ProcessEnv),
        stores: super::Stores::default(),
        writes,
    }
}

/// The system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn sleep(&self, duration: Duration) -> Task<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// Randomness from the standard library's hasher keys, which the system seeds.
pub struct SystemRandom;

impl Random for SystemRandom {
    fn bits(&self) -> u64 {
        std::collections::hash_map::RandomState::new().build_hasher().finish()
    }
}

/// The process's environment.
pub struct ProcessEnv;

impl Env for ProcessEnv {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn host(&self) -> String {
        let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let told = told.or_else(|| {
            let answer = std::process::Command::new("hostname").output().ok()?;
            String::from_utf8(answer.stdout).ok()
        });
        let name = told.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        name.unwrap_or_else(|| "localhost".to_owned())
    }

    fn process(&self) -> String {
        let id = std::process::id();
        match start_of(id) {
            Some(start) => format!("{id}@{start}"),
            None => id.to_string(),
        }
    }

    fn alive(&self, process: &str) -> bool {
        let (id, start) = process.split_once('@').map_or((process, None), |(id, start)| (id, Some(start)));
        let Ok(number) = id.parse::<u32>() else { return true };
        if Path::new("/proc/self/stat").exists() {
            // A number is given to another process sooner or later, a number with its start is not.
            let found = start_of(number);
            return found.is_some() && start.is_none_or(|start| found.as_deref() == Some(start));
        }
        let asked = std::process::Command::new("kill").args(["-0", id]).output();
        asked.map_or(true, |answer| {
            let told = String::from_utf8_lossy(&answer.stderr).to_lowercase();
            answer.status.success() || !told.contains("no such process")
        })
    }
}

/// When a process started, in ticks since the host did: the 22nd field of its `stat`, where there is one.
/// The second field, the name, may hold anything, so counting begins behind it.
fn start_of(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let behind = &stat[stat.rfind(')')? + 1..];
    behind.split_whitespace().nth(19).map(str::to_owned)
}

/// The real file system.
pub struct RealFiles;

impl Files for RealFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(explain)
    }

    fn open(&self, path: &str) -> Result<Box<dyn std::io::Read>, FileError> {
        Ok(Box::new(std::fs::File::open(path).map_err(explain)?))
    }

    fn list(&self, path: &str) -> Result<Vec<FileEntry>, FileError> {
        let folder = if path.is_empty() { "." } else { path };
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(explain)? {
            let entry = entry.map_err(explain)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            // Links are followed; one that leads nowhere is no entry.
            let Ok(meta) = std::fs::metadata(entry.path()) else { continue };
            let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            let modified_ms = modified.map_or(0, |time| i64::try_from(time.as_millis()).unwrap_or(0));
            entries.push(FileEntry { name, is_dir: meta.is_dir(), modified_ms, size: meta.len() });
        }
        entries.sort();
        Ok(entries)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        let target = Path::new(path);
        let folder = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(explain)?;
        let name = target.file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned());
        let beside = folder.join(format!(".{name}.{}.new", std::process::id()));
        // A file that only its owner may read stays one.
        let rights = std::fs::metadata(target).map(|old| old.permissions()).ok();
        let written = write_durably(&beside, bytes, rights).and_then(|()| std::fs::rename(&beside, target));
        if written.is_err() {
            // The old file stands untouched; a left-over new one would only confuse.
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(explain)?;
        // A rename is durable once its folder is.
        std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(explain)
    }

    fn canonical(&self, path: &str) -> String {
        let found = std::fs::canonicalize(path).ok().and_then(|p| p.into_os_string().into_string().ok());
        found.unwrap_or_else(|| path.to_owned())
    }
}

fn write_durably(path: &Path, bytes: &[u8], rights: Option<std::fs::Permissions>) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    if let Some(rights) = rights {
        file.set_permissions(rights)?;
    }
    file.write_all(bytes)?;
    file.sync_all()
}

fn explain(error: std::io::Error) -> FileError {
    match error.kind() {
        std::io::ErrorKind::NotFound => FileError::Missing,
        std::io::ErrorKind::IsADirectory => FileError::Other("it is a folder".to_owned()),
        std::io::ErrorKind::NotADirectory => {
            FileError::Other("what should be its folder is a file".to_owned())
        }
        std::io::ErrorKind::PermissionDenied => {
            FileError::Other("whoever runs onhand may not read or write it".to_owned())
        }
        _ => FileError::Other(error.to_string()),
    }
}
