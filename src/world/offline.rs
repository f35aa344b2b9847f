//! A world that reaches no other machine, for commands that work from what was kept.

use super::{Http, HttpError, Request, Response, Task, World};

/// Answers every request with a refusal; nothing leaves.
struct NoHttp;

impl Http for NoHttp {
    fn send(&self, _: Request) -> Task<'_, Result<Response, HttpError>> {
        Box::pin(async { Err(HttpError::NotSent("this command works offline".to_owned())) })
    }
}

impl World {
    /// This world without HTTP.
    pub fn offline(self) -> World {
        World { http: Box::new(NoHttp), ..self }
    }
}
