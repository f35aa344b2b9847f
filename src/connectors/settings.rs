//! Connection fields of a system, looked up: what they hold, wherever the topology says it stands.

use super::{Context, Failure};
use crate::model::system::Setting;
use crate::world::{FileError, Secret};

/// The value of a field; `None` where the topology does not set it. A name in the environment that is not
/// set, and a file that cannot be read, are [`Failure::Denied`].
pub(crate) fn text(context: &Context, field: &str) -> Result<Option<String>, Failure> {
    let system = context.model.system(context.system);
    let Some((setting, _)) = system.settings.get(field) else { return Ok(None) };
    let denied = |what: String| Failure::Denied { message: format!("system `{}`: {what}", system.name) };
    let value = match setting {
        Setting::Literal(value) => value.to_string(),
        Setting::Env(name) => context.world.env.get(name).ok_or_else(|| {
            denied(format!(
                "`{field}` is to come from the environment variable {name}, which is not set: set it"
            ))
        })?,
        Setting::File(path) => read(context, &system.dir, path)
            .map_err(|why| denied(format!("`{field}` is to come from the file {path}: {why}")))?,
    };
    if value.is_empty() {
        return Err(denied(format!("`{field}` is empty: give it a value")));
    }
    Ok(Some(value))
}

/// The value of a secret field.
pub(crate) fn secret(context: &Context, field: &str) -> Result<Option<Secret>, Failure> {
    let value = text(context, field)?;
    if value.as_ref().is_some_and(|value| value.chars().any(char::is_control)) {
        let name = &context.model.system(context.system).name;
        let message = format!("system `{name}`: `{field}` holds control characters, so it is no credential");
        return Err(Failure::Denied { message });
    }
    Ok(value.map(Secret::new))
}

/// The value of a field that must be there.
pub(crate) fn needed<T>(context: &Context, field: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| {
        let name = &context.model.system(context.system).name;
        Failure::Denied { message: format!("system `{name}`: `{field}` is not set: add it to the system") }
    })
}

/// The text of a file without line ends after it, as tools that write secrets leave some.
fn read(context: &Context, dir: &str, path: &str) -> Result<String, String> {
    let full = match path.starts_with('/') || dir.is_empty() {
        true => path.to_owned(),
        false => format!("{dir}/{path}"),
    };
    let bytes = context.world.files.read(&full).map_err(|error: FileError| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
