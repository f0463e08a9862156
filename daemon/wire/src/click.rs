use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a tap does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClickAction {
    /// Opens the app.
    OpenApp,
    /// Opens a web page.
    OpenUrl,
    /// Opens a page inside the app.
    OpenPage,
}
