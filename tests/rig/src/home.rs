//! The directory that a daemon lives in: configuration, credentials, drivers, data, socket.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// What `nudged.toml` says, as far as runs differ in it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `delivery.first_retry`.
    pub first_retry: String,
    /// `delivery.longest_retry`.
    pub longest_retry: String,
    /// `transport.request_timeout`.
    pub request_timeout: String,
    /// More keys of `transport`, each with its line's end.
    pub transport: String,
    /// `shutdown.grace`.
    pub grace: String,
    /// More TOML at the end: sections that are not named here.
    pub more: String,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            first_retry: "50ms".into(),
            longest_retry: "1s".into(),
            request_timeout: "10s".into(),
            transport: String::new(),
            grace: "20s".into(),
            more: String::new(),
        }
    }
}

/// A laid out directory.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    /// Removes the directory at the end, unless it is to be kept.
    _temporary: Option<tempfile::TempDir>,
}

/// Longest path that a Unix socket may have, its end included.
const MAX_SOCKET_PATH: usize = 107;

impl Home {
    /// In a temporary directory that goes away with it.
    pub fn temporary() -> std::io::Result<Home> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("nudged-");
        let mut directory = builder.tempdir()?;
        if directory.path().join("nudged.sock").as_os_str().len() > MAX_SOCKET_PATH {
            directory = builder.tempdir_in("/tmp")?;
        }
        let path = directory.path().to_owned();
        Home {
            path,
            _temporary: Some(directory),
        }
        .laid_out()
    }

    /// In a directory that stays.
    pub fn kept(path: &Path) -> std::io::Result<Home> {
        let home = Home {
            path: std::path::absolute(path)?,
            _temporary: None,
        }
        .laid_out()?;
        let socket = home.socket();
        if socket.as_os_str().len() > MAX_SOCKET_PATH {
            let problem = format!("{} is too long for a socket", socket.display());
            return Err(std::io::Error::other(problem));
        }
        Ok(home)
    }

    fn laid_out(self) -> std::io::Result<Home> {
        for directory in ["channels.d", "drivers", "data"] {
            fs::create_dir_all(self.path.join(directory))?;
        }
        // Whatever the umask: nobody else may write to where configuration and drivers are.
        for directory in [self.drivers(), self.path.join("channels.d")] {
            fs::set_permissions(directory, Permissions::from_mode(0o755))?;
        }
        Ok(self)
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The main file.
    pub fn config(&self) -> PathBuf {
        self.path.join("nudged.toml")
    }

    /// The socket.
    pub fn socket(&self) -> PathBuf {
        self.path.join("nudged.sock")
    }

    /// The driver directory.
    pub fn drivers(&self) -> PathBuf {
        self.path.join("drivers")
    }

    /// Writes `nudged.toml`.
    pub fn configure(&self, settings: &Settings) -> std::io::Result<()> {
        let path = self.path.display();
        let Settings {
            first_retry,
            longest_retry,
            request_timeout,
            transport,
            grace,
            more,
        } = settings;
        let text = format!(
            "[socket]\n\
             path = \"{path}/nudged.sock\"\n\
             [store]\n\
             path = \"{path}/data\"\n\
             [drivers]\n\
             directory = \"{path}/drivers\"\n\
             [delivery]\n\
             first_retry = \"{first_retry}\"\n\
             longest_retry = \"{longest_retry}\"\n\
             [transport]\n\
             extra_roots = [\"ca.pem\"]\n\
             request_timeout = \"{request_timeout}\"\n\
             {transport}\
             [shutdown]\n\
             grace = \"{grace}\"\n\
             {more}"
        );
        self.write("nudged.toml", &text)
    }

    /// Writes a file, all of it or nothing; only the main file is for everybody to read.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> std::io::Result<()> {
        let mode = if name == "nudged.toml" { 0o644 } else { 0o600 };
        self.write_with(name, contents, mode)
    }

    /// As [`Home::write`], with a mode.
    pub fn write_with(
        &self,
        name: &str,
        contents: impl AsRef<[u8]>,
        mode: u32,
    ) -> std::io::Result<()> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}.new"));
        fs::write(&unfinished, contents)?;
        fs::set_permissions(&unfinished, Permissions::from_mode(mode))?;
        fs::rename(unfinished, path)
    }

    /// Writes the file of a channel.
    pub fn write_channel(&self, name: &str, toml: &str) -> std::io::Result<()> {
        self.write(&format!("channels.d/{name}.toml"), toml)
    }

    /// Where the file of a channel is.
    pub fn channel_file(&self, name: &str) -> PathBuf {
        self.path.join(format!("channels.d/{name}.toml"))
    }

    /// Removes the file of a channel.
    pub fn remove_channel(&self, name: &str) -> std::io::Result<()> {
        fs::remove_file(self.channel_file(name))
    }

    /// Puts a driver into the driver directory, complete from the first moment on.
    pub fn install(&self, driver: &Path) -> std::io::Result<()> {
        let name = driver.file_name().unwrap_or_default();
        let unfinished = self.drivers().join("unfinished");
        // A copy, no link: the linker writes over the old file when cargo builds it anew,
        // and code that is running would change under a daemon's feet.
        fs::copy(driver, &unfinished)?;
        // The daemon runs no code that others may change, whatever the umask of the build.
        fs::set_permissions(&unfinished, Permissions::from_mode(0o755))?;
        fs::rename(unfinished, self.drivers().join(name))
    }
}
