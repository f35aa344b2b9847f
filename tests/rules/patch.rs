//! Small patches, applied by what they say and not by where they say it stands.

/// A change of one file.
#[derive(Debug)]
pub struct Patch {
    /// The file, from the root of the tree.
    pub file: String,
    hunks: Vec<Hunk>,
}

/// Some lines, and what becomes of them.
#[derive(Debug, Default)]
struct Hunk {
    old: Vec<String>,
    new: Vec<String>,
}

impl Patch {
    /// Reads a unified diff, file by file.
    pub fn parse(text: &str) -> Result<Vec<Patch>, String> {
        let mut patches: Vec<Patch> = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if let Some(file) = line.strip_prefix("--- a/") {
                if lines.next().and_then(|line| line.strip_prefix("+++ b/")) != Some(file) {
                    return Err(format!("`{line}` is not followed by `+++ b/{file}`"));
                }
                patches.push(Patch { file: file.to_owned(), hunks: Vec::new() });
                continue;
            }
            let Some(patch) = patches.last_mut() else { return Err(format!("`{line}` is of no file")) };
            if line.starts_with("@@ ") {
                patch.hunks.push(Hunk::default());
                continue;
            }
            let Some(hunk) = patch.hunks.last_mut() else { return Err(format!("`{line}` is of no hunk")) };
            hunk.take(line)?;
        }
        let idle = |hunk: &Hunk| hunk.old == hunk.new || hunk.old.is_empty();
        let idle = |patch: &Patch| patch.hunks.is_empty() || patch.hunks.iter().any(idle);
        if patches.is_empty() || patches.iter().any(idle) {
            return Err("it changes nothing somewhere".to_owned());
        }
        Ok(patches)
    }

    /// The text of its file with the change. The lines of each hunk must stand there exactly once.
    pub fn apply(&self, text: &str) -> Result<String, String> {
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        for Hunk { old, new } in &self.hunks {
            let found = lines.windows(old.len()).enumerate().filter(|(_, own)| *own == old.as_slice());
            let found: Vec<usize> = found.map(|(at, _)| at).collect();
            let [at] = found[..] else {
                let (count, old) = (found.len(), old.concat());
                return Err(format!("{count} times in {}, and not once:\n{old}", self.file));
            };
            lines.splice(at..at + old.len(), new.iter().map(String::as_str));
        }
        Ok(lines.concat())
    }
}

impl Hunk {
    fn take(&mut self, line: &str) -> Result<(), String> {
        let (old, new, rest) = match line.split_at_checked(1) {
            Some((" ", rest)) => (true, true, rest),
            Some(("-", rest)) => (true, false, rest),
            Some(("+", rest)) => (false, true, rest),
            // A line that is empty in the file, too: its space was trimmed away.
            _ if line.is_empty() => (true, true, ""),
            _ => return Err(format!("`{line}` is neither kept, nor taken out, nor put in")),
        };
        if old {
            self.old.push(format!("{rest}\n"));
        }
        if new {
            self.new.push(format!("{rest}\n"));
        }
        Ok(())
    }
}

#[test]
fn a_patch_is_applied_where_its_lines_stand_once() {
    let text =
        "--- a/f\n+++ b/f\n@@ -9,3 +9,2 @@\n a\n-b\n\n@@ -19 +18 @@\n-x\n+y\n--- a/g\n+++ b/g\n@@ @@\n-i\n";
    let patches = Patch::parse(text).expect("it can be read");
    let [f, g] = &patches[..] else { panic!("two files: {patches:?}") };
    assert_eq!([&*f.file, &*g.file], ["f", "g"]);
    assert_eq!(f.apply("0\na\nb\n\nx\n"), Ok("0\na\n\ny\n".to_owned()));
    assert_eq!(g.apply("h\ni\n"), Ok("h\n".to_owned()));
    for other in ["0\na\nb\nx\n", "a\nb\n\na\nb\n\nx\n", "0a\nb\n\nx\n", "a\n\ny\n"] {
        assert!(f.apply(other).is_err(), "{other:?}");
    }
    let head = "--- a/f\n+++ b/f\n";
    for wrong in ["", head, "--- a/f\n+++ b/g\n@@ @@\n-a\n", "@@ @@\n-a\n"] {
        assert!(Patch::parse(wrong).is_err(), "{wrong:?}");
    }
    for wrong in ["-a\n", "@@ @@\n a\n", "@@ @@\n+a\n", "@@ @@\n-a\n*b\n"] {
        assert!(Patch::parse(&format!("{head}{wrong}")).is_err(), "{wrong:?}");
    }
}
