//! The JSON of the socket: one set of types for the daemon, nudgectl and OpenAPI.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod absent;
mod brake;
mod class;
mod click;
mod config_problem;
mod defaults;
mod device;
mod device_line;
mod ended;
mod event;
pub mod json;
mod message;
mod notification;
mod preview;
mod problem;
mod queue;
mod revoke;
mod settings;
mod setup;
mod status;
pub mod terminal;
mod tokens;
mod tombstone;
mod trace;

pub use brake::{BrakeView, ReleaseSpec, Released};
pub use class::{ChannelClassView, ClassHoldView, ClassUseView};
pub use click::ClickAction;
pub use config_problem::{ConfigProblem, ConfigProblems};
pub use defaults::{MAIN_FILE, SOCKET, is_name};
pub use device::{
    DeviceList, DeviceReport, DeviceReported, DeviceView, OwnerView, StateName, StateSpec,
};
pub use device_line::{DeviceLine, ImportAnswer, ImportRefusal};
pub use ended::{Ended, EventLine, ExportLine, TombstoneLine};
pub use event::Event;
pub use message::{
    ActivityEventName, BadgeChange, ClickSpec, ElementKind, ElementSpec, KindName,
    LiveActivitySpec, MessageSpec, PlatformSpec, PriorityName, TranslationSpec,
};
pub use notification::{
    Accepted, AcceptedNotice, ConversationKind, ConversationSpec, LineAnswer, MentionsSpec,
    NotificationSpec, RecipientSpec, SenderSpec,
};
pub use preview::{HeaderView, PreviewDelivery, PreviewRequest, PreviewView, ReasonView};
pub use problem::{Code, Details, Problem};
pub use queue::{
    ChannelChoiceSpec, CheckSpec, CheckView, DamageView, FlushedChannelView, FlushedView, HeldView,
    HoldView, Holder, LostView, QueueChannelView, QueueView, QueuedState, QueuedView,
    ReleaseChoiceSpec, RemovedView,
};
pub use revoke::{RevokeState, RevokedDelivery, RevokedView};
pub use settings::{PlatformSettings, PlatformSounds, QuietHoursSpec, Settings};
pub use setup::{CheckedSetup, Setup};
pub use status::{
    AdviceView, ChannelDevices, ChannelList, ChannelState, ChannelView, ClassView, DriverKindView,
    DriverLimits, DriverList, DriverState, DriverView, Health, ProbeResult, ProbeView, QueueDepth,
    ReloadReport, ReloadSpec, ReloadView, SettingView, Status, SuspicionView, TextLimitView,
    Totals,
};
pub use terminal::{plain, plain_json};
pub use tokens::{ChannelTokenSpec, DeadView, TokenSpec, TokenView, TokensSpec, TokensView};
pub use tombstone::{RestoreSpec, Restored, TombstoneView};
pub use trace::{
    AttemptView, DeliveryState, DeliveryView, NoticeView, NotificationView, OutcomeView, RecallView,
};
