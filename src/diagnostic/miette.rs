//! The only home of miette: prints one finding whose excerpts are already chosen and cut.
//!
//! Miette gets the excerpts one after the other as one text of its own, so that its work does not
//! grow with the file, its column stays small, and each excerpt can come from another file.

use std::fmt;

use ::miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents, ThemeCharacters, ThemeStyles,
};

use super::Severity;
use super::excerpt::{Excerpt, Mark};
use super::options::Options;

/// One finding, ready to print: all of its text is escaped.
#[derive(Debug)]
pub(super) struct Page {
    /// How bad it is.
    pub severity: Severity,
    /// The rule's slug; empty for a test that failed.
    pub slug: &'static str,
    /// One sentence.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// The lines shown; at least one excerpt with at least one mark.
    pub excerpts: Vec<Excerpt>,
}

/// The text of a page, with a line break at its end.
pub(super) fn print(page: &Page, options: Options) -> String {
    let handler = GraphicalReportHandler::new_themed(theme(page, options))
        .with_width(options.width)
        .with_links(false)
        // Any number above 0: so `read_span` can tell a snippet from its header.
        .with_context_lines(1)
        .without_syntax_highlighting();
    let mut text = String::new();
    handler.render_report(&mut text, page).expect("an excerpt holds every one of its marks");
    text
}

fn theme(page: &Page, options: Options) -> GraphicalTheme {
    let mut characters = if options.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() };
    let mut styles = if options.colour { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let head = match page.slug {
        "" => "failed:".to_owned(),
        slug => format!("{}[{slug}]:", page.severity.word()),
    };
    let own = match page.severity {
        Severity::Error => styles.error,
        Severity::Warning => styles.warning,
    };
    characters.error = head.clone();
    characters.warning = head;
    let style = |mark: &Mark| if mark.primary { own } else { styles.help };
    styles.highlights = page.excerpts.iter().flat_map(|excerpt| &excerpt.marks).map(style).collect();
    GraphicalTheme { characters, styles }
}

impl Page {
    /// The excerpts with the byte at which each begins in the text that miette sees.
    fn placed(&self) -> impl Iterator<Item = (usize, &Excerpt)> {
        self.excerpts.iter().scan(0, |next, excerpt| {
            let base = *next;
            *next += excerpt.text.len();
            Some((base, excerpt))
        })
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Page {}

impl ::miette::Diagnostic for Page {
    fn severity(&self) -> Option<::miette::Severity> {
        Some(match self.severity {
            Severity::Error => ::miette::Severity::Error,
            Severity::Warning => ::miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = |base: usize, mark: &Mark| {
            let text = (!mark.text.is_empty()).then(|| mark.text.clone());
            let span = (base + mark.range.start, mark.range.len());
            match mark.primary {
                true => LabeledSpan::new_primary_with_span(text, span),
                false => LabeledSpan::new_with_span(text, span),
            }
        };
        let marks = self
            .placed()
            .flat_map(move |(base, excerpt)| excerpt.marks.iter().map(move |mark| label(base, mark)));
        Some(Box::new(marks))
    }
}

impl SourceCode for Page {
    /// The whole excerpt in which a span lies. Without context (miette asks so for the header) the
    /// position is that of the mark, else that of the excerpt's first line. A span over two
    /// excerpts is refused, which keeps miette from merging them.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        _context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let holds = |(base, excerpt): &(usize, &Excerpt)| *base <= start && end < base + excerpt.text.len();
        let (base, excerpt) = self.placed().find(holds).ok_or(MietteError::OutOfBounds)?;
        let mark = excerpt.marks.iter().find(|mark| base + mark.range.start == start);
        let (line, column) = match mark {
            Some(mark) if context_lines_before == 0 => (mark.at.line, mark.at.column - 1),
            _ => (excerpt.first, 0),
        };
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            excerpt.text.as_bytes(),
            (base, excerpt.text.len()).into(),
            line as usize - 1,
            column as usize,
            excerpt.text.lines().count(),
        )))
    }
}
