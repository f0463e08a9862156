//! The JSON of the socket: one set of types for the daemon, nudgectl and OpenAPI.

mod device;
mod event;
mod notification;
mod status;
mod trace;

pub use crate::model::ClickAction;
pub use device::{DeviceList, DeviceReport, DeviceReported, DeviceView, OwnerView};
pub use event::Event;
pub use notification::{
    Accepted, ActivityEventName, BadgeChange, ClickSpec, ConversationKind, ConversationSpec,
    ElementKind, ElementSpec, KindName, LineAnswer, LiveActivitySpec, MentionsSpec, MessageSpec,
    NotificationSpec, PlatformSpec, PriorityName, RecipientSpec, SenderSpec, TranslationSpec,
};
pub use status::{
    ChannelList, ChannelState, ChannelView, ClassView, DriverLimits, DriverList, DriverState,
    DriverView, Health, QueueDepth, ReloadReport, ReloadView, SettingView, Status, TextLimitView,
    Totals,
};
pub use trace::{
    AttemptView, DeliveryState, DeliveryView, NoticeView, NotificationView, OutcomeView,
};
