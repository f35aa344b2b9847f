//! A world that writes one file at most, for commands that look at systems and keep what they saw.

use super::{FileEntry, FileError, Files, World};

/// Files of which at most one can be written.
struct Only {
    files: Box<dyn Files>,
    path: Option<String>,
}

impl Files for Only {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.files.read(path)
    }

    fn open(&self, path: &str) -> Result<Box<dyn std::io::Read>, FileError> {
        self.files.open(path)
    }

    fn list(&self, path: &str) -> Result<Vec<FileEntry>, FileError> {
        self.files.list(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> Result<(), FileError> {
        match self.path.as_deref() == Some(path) {
            true => self.files.write(path, bytes),
            false => Err(FileError::Other("this run only looks, so it writes no such file".to_owned())),
        }
    }

    fn canonical(&self, path: &str) -> String {
        self.files.canonical(path)
    }
}

impl World {
    /// This world with files that can be read, and of which only this one, spelt like this, can be written.
    pub fn writing_only(self, path: Option<&str>) -> World {
        let path = path.map(str::to_owned);
        World { files: Box::new(Only { files: self.files, path }), ..self }
    }
}
