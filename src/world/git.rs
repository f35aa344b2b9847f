//! Files of a git revision, by the program `git`: nothing is checked out, and nothing is fetched.

use super::FileError;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Why a revision cannot be read. In words, with what git said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GitError {
    /// The program is not there, or cannot be started.
    NoGit(String),
    /// The folder lies in no repository that git reads.
    NoRepository(String),
    /// There is no such commit.
    NoRevision,
    /// Something else is wrong.
    Other(String),
}

/// Runs git in a folder. It reads objects that are there and no others, and asks nobody anything.
fn git(dir: &str) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(if dir.is_empty() { "." } else { dir });
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    command.env("LC_ALL", "C");
    command
}

/// What git prints, and what it says where it fails.
fn ask(mut command: Command) -> Result<Result<String, String>, GitError> {
    let done = command.output().map_err(|error| GitError::NoGit(error.to_string()))?;
    let said = String::from_utf8_lossy(&done.stderr);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned();
    Ok(match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).trim_end_matches(['\r', '\n']).to_owned()),
        false => Err(said),
    })
}

/// A folder inside a repository.
#[derive(Debug, Clone)]
pub struct Repository {
    dir: String,
    /// The folder's path from the root of the repository; empty for the root, else with a `/` at its end.
    pub prefix: String,
}

impl Repository {
    /// The repository of a folder.
    pub fn of(dir: &str) -> Result<Repository, GitError> {
        let mut command = git(dir);
        command.args(["rev-parse", "--show-prefix"]);
        let prefix = ask(command)?.map_err(GitError::NoRepository)?;
        Ok(Repository { dir: dir.to_owned(), prefix })
    }

    /// Opens a revision: whatever git takes as the name of a commit.
    pub fn open(&self, revision: &str) -> Result<Tree, GitError> {
        // A name that begins with a dash would be an option.
        if revision.is_empty() || revision.starts_with('-') || revision.contains(['\n', '\0']) {
            return Err(GitError::NoRevision);
        }
        let mut command = git(&self.dir);
        command.args(["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]);
        let commit = ask(command)?.map_err(|_| GitError::NoRevision)?;
        let mut command = git(&self.dir);
        command.args(["cat-file", "--batch", "--follow-symlinks"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| GitError::NoGit(error.to_string()))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(to), Some(from)) => Ok(Tree { commit, child, to: Some(to), from: BufReader::new(from) }),
            _ => Err(GitError::Other("git has no pipes".to_owned())),
        }
    }
}

/// How long a runner waits for git before it does without.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The commit of a folder's `HEAD`, with a `+` at its end where the folder is not as the commit has it, or
/// where git did not say so in time. `None` where there is no git, no repository or no commit. It waits no
/// longer than a moment, and whatever is wrong with git stops nobody.
pub fn revision(dir: &str) -> Option<String> {
    let until = Instant::now() + PATIENCE;
    let (true, commit) = within(dir, &["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], until)? else {
        return None;
    };
    let commit = commit.trim_end().to_owned();
    if commit.is_empty() {
        return None;
    }
    let same = within(dir, &["diff", "--quiet", "--no-ext-diff", "HEAD", "--", "."], until);
    // A text that git does not know yet may be a part of the topology; a state file or a plan is none.
    let fresh = within(dir, &["ls-files", "--others", "--exclude-standard", "--", "*.kdl"], until);
    let clean = matches!((&same, &fresh), (Some((true, _)), Some((true, new))) if new.is_empty());
    Some(if clean { commit } else { commit + "+" })
}

/// Asks git something with a short answer: whether it went well, and what it printed. `None` where it cannot
/// be asked or does not answer in time.
fn within(dir: &str, arguments: &[&str], until: Instant) -> Option<(bool, String)> {
    let mut command = git(dir);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    };
    let mut text = String::new();
    child.stdout.take()?.read_to_string(&mut text).ok()?;
    Some((status.success(), text))
}

/// The files of one revision, read one by one from a git that waits for questions.
#[derive(Debug)]
pub struct Tree {
    commit: String,
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

/// An object that a path names.
enum Object {
    File(Vec<u8>),
    /// A folder in git's own form, and the length of the ids in it.
    Folder(Vec<u8>, usize),
}

impl Tree {
    /// The commit's id.
    pub fn commit(&self) -> &str {
        &self.commit
    }

    /// The bytes of a file. Paths start at the root of the repository; links are followed inside it.
    pub fn read(&mut self, path: &str) -> Result<Vec<u8>, FileError> {
        match self.object(path)? {
            Object::File(bytes) => Ok(bytes),
            Object::Folder(..) => Err(FileError::Other("it is a folder".to_owned())),
        }
    }

    /// The entries of a folder, each with whether it is a folder, sorted by name; none where there is no
    /// such folder. What is not UTF-8, and submodules, are left out.
    pub fn list(&mut self, path: &str) -> Vec<(String, bool)> {
        let Ok(Object::Folder(bytes, id)) = self.object(path) else { return Vec::new() };
        let mut entries = Vec::new();
        for (mode, name) in entries_of(&bytes, id) {
            let is_dir = match mode.as_str() {
                "40000" => true,
                "120000" => {
                    let inside = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                    match self.object(&inside) {
                        Ok(object) => matches!(object, Object::Folder(..)),
                        Err(_) => continue,
                    }
                }
                "160000" => continue,
                _ => false,
            };
            entries.push((name, is_dir));
        }
        entries.sort();
        entries
    }

    fn object(&mut self, path: &str) -> Result<Object, FileError> {
        // One question is one line.
        if path.contains('\n') {
            return Err(FileError::Missing);
        }
        let broken = |error: std::io::Error| FileError::Other(format!("git does not answer: {error}"));
        let question = format!("{}:{path}\n", self.commit);
        if let Some(to) = &mut self.to {
            to.write_all(question.as_bytes()).and_then(|()| to.flush()).map_err(broken)?;
        }
        let mut head = Vec::new();
        self.from.read_until(b'\n', &mut head).map_err(broken)?;
        let head = String::from_utf8_lossy(&head).trim_end().to_owned();
        if head.is_empty() {
            return Err(FileError::Other("git does not answer".to_owned()));
        }
        if head.ends_with(" missing") || head.ends_with(" ambiguous") {
            return Err(FileError::Missing);
        }
        let words: Vec<&str> = head.split(' ').collect();
        let size = words.last().and_then(|word| word.parse::<usize>().ok());
        let size = size.ok_or_else(|| FileError::Other(format!("git answers `{head}`")))?;
        let mut bytes = Vec::new();
        (&mut self.from).take(size as u64 + 1).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() != size + 1 {
            return Err(FileError::Other("git's answer was cut".to_owned()));
        }
        bytes.truncate(size);
        match words[..] {
            [id, "tree", _] => Ok(Object::Folder(bytes, id.len() / 2)),
            [_, "blob", _] => Ok(Object::File(bytes)),
            // A link that leads nowhere, around in a circle, or out of the repository.
            ["symlink" | "dangling" | "loop" | "notdir", _] => Err(FileError::Missing),
            _ => Err(FileError::Other("it is no file".to_owned())),
        }
    }
}

/// Mode and name of each entry of a folder: `mode SP name NUL id`.
fn entries_of(bytes: &[u8], id: usize) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == 0) {
        let entry = std::str::from_utf8(&rest[..end]).ok().and_then(|text| text.split_once(' '));
        entries.extend(entry.map(|(mode, name)| (mode.to_owned(), name.to_owned())));
        rest = rest.get(end + 1 + id..).unwrap_or_default();
    }
    entries
}

impl Drop for Tree {
    fn drop(&mut self) {
        // Without questions git ends by itself; it is waited for, so that nothing is left behind.
        self.to = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
