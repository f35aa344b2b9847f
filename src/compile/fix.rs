//! Safe fixes, put into the text of a topology: each stays only if the check afterwards is no worse.

use super::{Compiled, Inputs, compile};
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::source::{Entry, Folder, SourceId, Sources};
use std::collections::{BTreeMap, BTreeSet};

/// How often fixes are gathered anew, since a fix may uncover what another one mends.
const MAX_ROUNDS: usize = 50;

/// How often one run compiles the topology. Only many bad fixes need so many.
const MAX_CHECKS: usize = 200;

/// What came of it.
#[derive(Debug)]
pub struct Fixed {
    /// The topology with the fixes that stayed.
    pub compiled: Compiled,
    /// What was found before.
    pub before: Vec<Diagnostic>,
    /// The files that change, sorted by name. Their texts hide no secrets.
    pub changed: Vec<Changed>,
    /// How many fixes stayed.
    pub applied: usize,
    /// The fixes that were taken back.
    pub withdrawn: Vec<Withdrawn>,
    /// Whether there may be more to do: the bounds on rounds and checks were reached.
    pub cut: bool,
}

/// A file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its name, relative to the topology's folder.
    pub name: String,
    /// Its text as it was read.
    pub before: String,
    /// Its new text.
    pub after: String,
}

/// A fix that was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    /// What it would have done, in the imperative.
    pub title: String,
    /// The rule whose finding it would have mended.
    pub rule: &'static str,
    /// Where: `FILE:LINE:COLUMN`.
    pub place: String,
    /// The rule of which there would have been more errors, and the file; none where the fix would have
    /// led back to a text that was left before.
    pub worse: Option<(&'static str, String)>,
}

/// Compiles a topology and puts in its fixes, round by round, until none is left that helps. Nothing is
/// written. There are never more errors of any rule in any file afterwards.
pub fn fix(inputs: &Inputs<'_>) -> Fixed {
    let mut mender = Mender::new(inputs);
    let before = mender.compiled.diagnostics.clone();
    let (mut applied, mut withdrawn, mut cut) = (0, Vec::new(), true);
    for _ in 0..MAX_ROUNDS {
        let (kept, refused) = mender.round();
        applied += kept;
        withdrawn = refused;
        if kept == 0 || mender.checks >= MAX_CHECKS {
            cut = mender.checks >= MAX_CHECKS;
            break;
        }
    }
    let changed = mender.changed();
    Fixed { compiled: mender.compiled, before, changed, applied, withdrawn, cut }
}

/// A fix that may be put in: its finding, and its edits by file.
struct Candidate {
    title: String,
    rule: &'static str,
    place: String,
    edits: Vec<Edit>,
}

struct Mender<'a> {
    inputs: &'a Inputs<'a>,
    /// Changed files by their canonical names.
    texts: BTreeMap<String, String>,
    compiled: Compiled,
    checks: usize,
    /// The texts met so far, each as a digest: none is gone back to.
    seen: BTreeSet<String>,
}

impl<'a> Mender<'a> {
    fn new(inputs: &'a Inputs<'a>) -> Mender<'a> {
        let compiled = compile(inputs);
        let seen = BTreeSet::from([compiled.model.digest.clone()]);
        Mender { inputs, texts: BTreeMap::new(), compiled, checks: 1, seen }
    }

    /// Puts in all fixes that help: how many, and those that do not.
    fn round(&mut self) -> (usize, Vec<Withdrawn>) {
        let candidates = gather(&self.compiled);
        let originals = self.originals(&candidates);
        let readable = |candidate: &Candidate| {
            candidate.edits.iter().all(|edit| {
                let range = edit.span.start as usize..edit.span.end as usize;
                originals.get(&edit.span.source).is_some_and(|file| file.text.get(range).is_some())
            })
        };
        let candidates: Vec<Candidate> = candidates.into_iter().filter(readable).collect();
        let (mut kept, mut withdrawn) = (Vec::new(), Vec::new());
        let mut groups = Vec::new();
        if !candidates.is_empty() {
            groups.push(candidates.as_slice());
        }
        while let Some(group) = groups.pop() {
            if self.checks >= MAX_CHECKS {
                break;
            }
            match self.try_out(&originals, &kept, group) {
                Ok(()) => kept.extend(group),
                // The bad one is looked for in both halves.
                Err(_) if group.len() > 1 => {
                    let (left, right) = group.split_at(group.len() / 2);
                    groups.extend([right, left]);
                }
                Err(worse) => withdrawn.push(Withdrawn {
                    title: group[0].title.clone(),
                    rule: group[0].rule,
                    place: group[0].place.clone(),
                    worse,
                }),
            }
        }
        (kept.len(), withdrawn)
    }

    /// The files that the fixes change, as they are now. A file that is no UTF-8 has no text to change.
    fn originals(&self, candidates: &[Candidate]) -> BTreeMap<SourceId, Original> {
        let edits = candidates.iter().flat_map(|candidate| &candidate.edits);
        let sources: BTreeSet<SourceId> = edits.map(|edit| edit.span.source).collect();
        let overlay = Overlay { folder: self.inputs.folder, texts: &self.texts };
        let read = |source: SourceId| {
            let name = self.compiled.sources.file(source).name();
            let text = String::from_utf8(overlay.read(name).ok()?).ok()?;
            Some((source, Original { canonical: overlay.canonical(name), text }))
        };
        sources.into_iter().filter_map(read).collect()
    }

    /// Puts `group` in beside what was kept, and goes on with that text if it is no worse. Otherwise: the
    /// rule and the file that have more errors.
    fn try_out(
        &mut self,
        originals: &BTreeMap<SourceId, Original>,
        kept: &[&Candidate],
        group: &[Candidate],
    ) -> Result<(), Option<(&'static str, String)>> {
        let mut texts = self.texts.clone();
        let edits = kept.iter().copied().chain(group).flat_map(|candidate| &candidate.edits);
        let mut by_file: BTreeMap<SourceId, Vec<&Edit>> = BTreeMap::new();
        edits.for_each(|edit| by_file.entry(edit.span.source).or_default().push(edit));
        for (source, edits) in by_file {
            if let Some(original) = originals.get(&source) {
                texts.insert(original.canonical.clone(), edited(&original.text, edits));
            }
        }
        let overlay = Overlay { folder: self.inputs.folder, texts: &texts };
        let compiled = compile(&Inputs { folder: &overlay, ..*self.inputs });
        self.checks += 1;
        if let Some(worse) = worse(&self.compiled, &compiled) {
            return Err(Some(worse));
        }
        if !self.seen.insert(compiled.model.digest.clone()) {
            return Err(None);
        }
        (self.texts, self.compiled) = (texts, compiled);
        Ok(())
    }

    fn changed(&self) -> Vec<Changed> {
        let names = self.compiled.sources.files().take(self.compiled.written).map(|(_, file)| file.name());
        let change = |name: &str| {
            let after = self.texts.get(&self.inputs.folder.canonical(name))?.clone();
            let before = String::from_utf8(self.inputs.folder.read(name).ok()?).ok()?;
            (before != after).then(|| Changed { name: name.to_owned(), before, after })
        };
        let mut changed: Vec<Changed> = names.filter_map(change).collect();
        changed.sort_by(|a, b| a.name.cmp(&b.name));
        changed
    }
}

/// A file before a round.
struct Original {
    canonical: String,
    text: String,
}

/// The fixes of all findings in files of the topology itself, in the order of the findings. One that
/// meets another waits for the next round.
fn gather(compiled: &Compiled) -> Vec<Candidate> {
    let mut taken: BTreeMap<(SourceId, u32), u32> = BTreeMap::new();
    let mut candidates = Vec::new();
    for found in &compiled.diagnostics {
        let Some(fix) = found.fix.as_ref().filter(|fix| fix.sure) else { continue };
        let written = |edit: &Edit| (edit.span.source.0 as usize) < compiled.written;
        let free = |edit: &Edit| {
            let (source, start, end) = (edit.span.source, edit.span.start, edit.span.end);
            let before = taken.range(..=(source, end)).next_back();
            before.is_none_or(|(&(other, _), &other_end)| other != source || other_end < start)
        };
        if fix.edits.is_empty() || !fix.edits.iter().all(|edit| written(edit) && free(edit)) {
            continue;
        }
        taken.extend(fix.edits.iter().map(|edit| ((edit.span.source, edit.span.start), edit.span.end)));
        candidates.push(Candidate {
            title: fix.title.clone(),
            rule: found.rule.slug,
            place: place(found, &compiled.sources),
            edits: fix.edits.clone(),
        });
    }
    candidates
}

fn place(found: &Diagnostic, sources: &Sources) -> String {
    let (span, at) = (found.primary.span, sources.position(found.primary.span));
    format!("{}:{}:{}", sources.file(span.source).name(), at.line, at.column)
}

/// A text with edits that do not meet.
fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| edit.span);
    let (mut out, mut at) = (String::with_capacity(text.len() + 64), 0);
    for edit in edits {
        out.push_str(text.get(at..edit.span.start as usize).unwrap_or(""));
        out.push_str(&edit.replacement);
        at = edit.span.end as usize;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    out
}

/// A rule and a file of which there are more errors than before.
fn worse(before: &Compiled, after: &Compiled) -> Option<(&'static str, String)> {
    let old = errors(before);
    let more = |(key, count): &(&(&'static str, &str), &usize)| old.get(*key).is_none_or(|old| old < count);
    errors(after).iter().find(more).map(|((rule, file), _)| (*rule, (*file).to_owned()))
}

/// How many errors there are of each rule in each file.
fn errors(compiled: &Compiled) -> BTreeMap<(&'static str, &str), usize> {
    let mut errors = BTreeMap::new();
    for found in compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error) {
        let file = compiled.sources.file(found.primary.span.source).name();
        *errors.entry((found.rule.slug, file)).or_default() += 1;
    }
    errors
}

/// A folder with some files changed.
struct Overlay<'a> {
    folder: &'a dyn Folder,
    /// By their canonical names.
    texts: &'a BTreeMap<String, String>,
}

impl Folder for Overlay<'_> {
    fn list(&self, dir: &str) -> Vec<Entry> {
        self.folder.list(dir)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.texts.get(&self.folder.canonical(path)) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None => self.folder.read(path),
        }
    }

    fn canonical(&self, path: &str) -> String {
        self.folder.canonical(path)
    }
}
