//! Connection settings: their texts, and the paths that they name.

use super::{Context, Failure};
use crate::model::system::Setting;
use crate::world::Secret;

/// The text of the setting `what` of the context's system, kept secret since a URL may carry a password.
/// Fails with [`Failure::Denied`], naming the variable or file and never a value, where it is not there.
pub fn reveal(context: &Context, what: &str, setting: &Setting) -> Result<Secret, Failure> {
    let system = &context.model.system(context.system).name;
    let denied = |found: String| {
        Err(Failure::Denied { message: format!("system `{system}`: `{what}` cannot be read: {found}") })
    };
    match setting {
        Setting::Literal(text) => Ok(Secret::new(&**text)),
        Setting::Env(name) => match context.world.env.get(name).filter(|text| !text.is_empty()) {
            Some(text) => Ok(Secret::new(text)),
            None => denied(format!("the environment variable {name} is not set; set it and run again")),
        },
        Setting::File(name) => match context.world.files.read(&path(context, name)) {
            Err(error) => denied(format!("file `{name}`: {error}; put the value there and run again")),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Secret::new(text.trim_end_matches(['\r', '\n']))),
                Err(_) => denied(format!("file `{name}` is not UTF-8 text")),
            },
        },
    }
}

/// A path of the context's system as the operating system takes it: relative paths start at the folder of
/// the file that names the system.
pub fn path(context: &Context, path: &str) -> String {
    if std::path::Path::new(path).is_absolute() {
        return path.to_owned();
    }
    let dir = context.model.system(context.system).dir.as_str();
    let parts = [context.dir.trim_end_matches('/'), dir.trim_end_matches('/'), path];
    let root = if context.dir.starts_with('/') && parts[0].is_empty() { "/" } else { "" };
    let named: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty() && *part != ".").collect();
    format!("{root}{}", named.join("/"))
}
