//! Entry points for authentication.

use super::{
    Bool,
    arguments::{InBytes, InHandle, InText, Out},
    entry_points,
};
use crate::{
    error::Error,
    handle::{self, Kind},
    request::{self, Login, Target},
};

entry_points! {
    fn WinHttpSetCredentials(
        request: InHandle,
        target: u32,
        scheme: u32,
        user: InText<'_>,
        password: InText<'_>,
        reserved: InBytes,
    ) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        if !reserved.0.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let login = Login::new(scheme, user.get(), password.get())?;
        request::set_credentials(&object, Target::parse(target)?, login)
    }

    fn WinHttpQueryAuthSchemes(request: InHandle, supported: Out<u32>, first: Out<u32>, target: Out<u32>) -> Bool {
        let object = handle::find_kind(request.get(), Kind::Request)?;
        if supported.is_null() || first.is_null() || target.is_null() {
            return Err(Error::INVALID_PARAMETER);
        }
        let challenge = request::auth_schemes(&object)?;
        supported.put(challenge.supported);
        first.put(challenge.first);
        target.put(challenge.target.value());
        Ok(())
    }
}
