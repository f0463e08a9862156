//! What a driver library exports: a root module of four functions, frozen for all of 1.x.
//!
//! Anything that could change travels inside the frames. Authors write
//! [`export_driver!`](crate::export_driver) and never look here.

use std::ffi::c_void;

use abi_stable::StableAbi;
use abi_stable::library::RootModule;
use abi_stable::package_version_strings;
use abi_stable::sabi_types::VersionStrings;
use abi_stable::std_types::{RSlice, RVec};

use crate::call::{
    AuthorizeCall, Authorized, AuthorizedCall, DecodeCall, DecodedItem, EncodeCall, Encoded,
    OpenCall, Opened, ProbeCall, Probed, Probing, RecallCall, RecallJob, TokenItem, TokensCall, op,
    status,
};
use crate::driver::{Batch, Context, Driver, Exchange, Recall};
use crate::error::EncodeError;
use crate::frame::{self, Field, FrameError, from_bytes, to_bytes};
use crate::guard::guard;
use crate::message::Message;
use crate::rendered::Rendered;
use crate::verdict::Decoded;

/// An open channel inside a driver; null is none.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, StableAbi)]
pub struct ChannelHandle(pub *mut c_void);

/// The root module.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = DriverModuleRef)))]
pub struct DriverModule {
    /// Writes the driver's `Info`.
    pub describe: extern "C" fn(&mut RVec<u8>) -> u32,
    /// Reads an `OpenCall`, writes an `Opened`; null when the settings were refused.
    pub open: extern "C" fn(RSlice<'_, u8>, &mut RVec<u8>) -> ChannelHandle,
    /// Runs an operation on an open channel.
    pub call: extern "C" fn(ChannelHandle, u32, RSlice<'_, u8>, &mut RVec<u8>) -> u32,
    /// Ends a channel; the handle is dead afterwards.
    #[sabi(last_prefix_field)]
    pub close: extern "C" fn(ChannelHandle),
}

impl RootModule for DriverModuleRef {
    abi_stable::declare_root_module_statics! {DriverModuleRef}
    const BASE_NAME: &'static str = "nudged_driver";
    const NAME: &'static str = "nudged_driver";
    const VERSION_STRINGS: VersionStrings = package_version_strings!();
}

/// Makes a `cdylib` a driver library. Once per library.
///
/// ```text
/// nudged_plugin_api::export_driver!(Acme);
/// ```
#[macro_export]
macro_rules! export_driver {
    ($driver:ty) => {
        #[cfg(panic = "abort")]
        compile_error!(
            "a driver must unwind: remove `panic = \"abort\"` from the profile, \
             or one bad message ends the daemon"
        );

        // The name is abi_stable's (`ROOT_MODULE_LOADER_NAME`, held to it by a test); written
        // out here so that a driver needs no dependency on abi_stable of its own.
        #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
        #[doc(hidden)]
        pub static NUDGED_DRIVER: $crate::abi_stable::library::LibHeader = {
            extern "C" fn load() -> $crate::abi_stable::library::RootModuleResult {
                $crate::abi_stable::library::__call_root_module_loader(
                    $crate::module::root::<$driver>,
                )
            }
            // SAFETY: `load` returns the very module type that is named here.
            unsafe {
                $crate::abi_stable::library::LibHeader::from_constructor::<
                    $crate::module::DriverModuleRef,
                >(load, $crate::abi_stable::library::CheckTypeLayout::Yes)
            }
        };
    };
}

/// The root module of driver `D`; one for the life of the process.
pub fn root<D: Driver>() -> DriverModuleRef {
    use abi_stable::prefix_type::PrefixTypeTrait;
    DriverModule {
        describe: describe::<D>,
        open: open::<D>,
        call: call::<D>,
        close: close::<D>,
    }
    .leak_into_prefix()
}

extern "C" fn describe<D: Driver>(output: &mut RVec<u8>) -> u32 {
    answer(guard(|| Ok(to_bytes(&D::describe()))), output)
}

extern "C" fn open<D: Driver>(input: RSlice<'_, u8>, output: &mut RVec<u8>) -> ChannelHandle {
    const NONE: ChannelHandle = ChannelHandle(std::ptr::null_mut());
    let refused = |problem: String| {
        let error =
            crate::error::SettingError::new("", problem, "report this to the driver's author");
        to_bytes(&Opened {
            error: Some(error),
            ..Opened::default()
        })
    };
    let attempt = guard(|| {
        let call: OpenCall = from_bytes(input.as_slice()).map_err(|error| error.to_string())?;
        Ok::<_, String>(D::open(&call.settings, call.now).map(|channel| {
            let opened = Opened {
                error: None,
                grant_scope: channel.grant_scope(),
                account: channel.account(),
                advice: channel.advice(),
            };
            (Box::new(channel), opened)
        }))
    });
    match attempt {
        Ok(Ok(Ok((channel, opened)))) => {
            *output = to_bytes(&opened).into();
            ChannelHandle(Box::into_raw(channel).cast())
        }
        Ok(Ok(Err(error))) => {
            *output = to_bytes(&Opened {
                error: Some(error),
                ..Opened::default()
            })
            .into();
            NONE
        }
        Ok(Err(problem)) => {
            *output = refused(problem).into();
            NONE
        }
        Err(panic) => {
            *output = refused(format!("driver panicked: {panic}")).into();
            NONE
        }
    }
}

extern "C" fn call<D: Driver>(
    channel: ChannelHandle,
    operation: u32,
    input: RSlice<'_, u8>,
    output: &mut RVec<u8>,
) -> u32 {
    // SAFETY: the handle came from `open::<D>` of this library and was not closed:
    // the daemon's channel owns it and closes it when dropped.
    let channel = unsafe { &*channel.0.cast::<D>() };
    answer(guard(|| run(channel, operation, input.as_slice())), output)
}

extern "C" fn close<D: Driver>(channel: ChannelHandle) {
    if channel.0.is_null() {
        return;
    }
    // SAFETY: made by `Box::into_raw` in `open::<D>`, closed once by its owner.
    let channel = unsafe { Box::from_raw(channel.0.cast::<D>()) };
    // A destructor that panics has nobody left to tell.
    let _ = guard(move || drop(channel));
}

enum Failure {
    Frame(FrameError),
    Operation(u32),
}

impl From<FrameError> for Failure {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

fn answer(result: Result<Result<Vec<u8>, Failure>, String>, output: &mut RVec<u8>) -> u32 {
    let (code, bytes) = match result {
        Ok(Ok(bytes)) => (status::OK, bytes),
        Ok(Err(Failure::Frame(error))) => (status::BAD_FRAME, to_bytes(&error.to_string())),
        Ok(Err(Failure::Operation(number))) => (
            status::UNKNOWN_OPERATION,
            to_bytes(&format!("unknown operation {number}")),
        ),
        Err(panic) => (status::PANIC, to_bytes(&panic)),
    };
    *output = bytes.into();
    code
}

fn run<D: Driver>(channel: &D, operation: u32, input: &[u8]) -> Result<Vec<u8>, Failure> {
    match operation {
        op::AUTHORIZE => {
            let call: AuthorizeCall = from_bytes(input)?;
            Ok(to_bytes(&channel.authorize(call.now)))
        }
        op::AUTHORIZED => {
            let call: AuthorizedCall = from_bytes(input)?;
            Ok(to_bytes(
                &match channel.authorized(&call.response, call.now) {
                    Ok(grant) => Authorized::Grant(grant),
                    Err(verdict) => Authorized::Refused(verdict),
                },
            ))
        }
        op::ENCODE => {
            let call: EncodeCall = from_bytes(input)?;
            let context = Context::new(call.now, call.grant.as_ref());
            Ok(list(call.jobs.iter().map(|job| {
                encode(
                    channel,
                    call.messages.get(job.message as usize),
                    &job.targets,
                    &context,
                )
            })))
        }
        op::DECODE => {
            let call: DecodeCall = from_bytes(input)?;
            Ok(list(call.jobs.iter().map(|job| {
                let exchange = Exchange::with_memo(&job.targets, &job.response, &job.memo);
                match guard(|| channel.decode(exchange, call.now)) {
                    Ok(decoded) => DecodedItem::Decoded(decoded),
                    Err(panic) => DecodedItem::Panicked(panic),
                }
            })))
        }
        op::RECALL => {
            let call: RecallCall = from_bytes(input)?;
            let context = Context::new(call.now, call.grant.as_ref());
            let jobs = call.jobs.iter();
            Ok(list(jobs.map(|job| recall(channel, job, &context))))
        }
        op::RECALLED => {
            let call: DecodeCall = from_bytes(input)?;
            Ok(list(call.jobs.iter().map(|job| {
                let exchange = Exchange::with_memo(&job.targets, &job.response, &job.memo);
                match guard(|| channel.recalled(exchange, call.now)) {
                    Ok(verdicts) => DecodedItem::Decoded(Decoded::Verdicts(verdicts)),
                    Err(panic) => DecodedItem::Panicked(panic),
                }
            })))
        }
        op::PROBE => {
            let call: ProbeCall = from_bytes(input)?;
            let context = Context::new(call.now, call.grant.as_ref());
            Ok(to_bytes(&Probing {
                request: channel.probe(&context),
            }))
        }
        op::PROBED => {
            let call: AuthorizedCall = from_bytes(input)?;
            Ok(to_bytes(&Probed {
                refused: channel.probed(&call.response, call.now).err(),
            }))
        }
        op::TOKENS => {
            let call: TokensCall = from_bytes(input)?;
            Ok(list(call.tokens.iter().map(|token| {
                match guard(|| channel.token(token)) {
                    Ok(Ok(form)) => TokenItem::Form(form),
                    Ok(Err(error)) => TokenItem::Refused(error),
                    Err(panic) => TokenItem::Panicked(panic),
                }
            })))
        }
        number => Err(Failure::Operation(number)),
    }
}

fn encode<D: Driver>(
    channel: &D,
    message: Option<&Message>,
    targets: &[crate::message::Target],
    context: &Context<'_>,
) -> Encoded {
    let Some(message) = message.filter(|_| !targets.is_empty()) else {
        return Encoded::Refused(EncodeError::new(
            "BadFrame",
            "jobs",
            "a job without message or target",
        ));
    };
    encoded(guard(|| {
        channel.encode(Batch::new(message, targets), context)
    }))
}

fn recall<D: Driver>(channel: &D, job: &RecallJob, context: &Context<'_>) -> Encoded {
    if job.targets.is_empty() || job.key.is_empty() {
        return Encoded::Refused(EncodeError::new(
            "BadFrame",
            "jobs",
            "a recall without target or key",
        ));
    }
    let recall = Recall::new(&job.targets, &job.key, job.vendor_id.as_deref());
    encoded(guard(|| channel.recall(recall, context)))
}

fn encoded(caught: Result<Result<Rendered, EncodeError>, String>) -> Encoded {
    match caught {
        Ok(Ok(rendered)) => Encoded::Rendered(rendered),
        Ok(Err(error)) => Encoded::Refused(error),
        Err(panic) => Encoded::Panicked(panic),
    }
}

/// Writes a list whose items are made one by one, so that one panic fails one item.
fn list<T: Field>(items: impl ExactSizeIterator<Item = T>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512 * items.len());
    let mut to = minicbor::Encoder::new(&mut bytes);
    to.array(items.len() as u64).expect(frame::INFALLIBLE);
    for item in items {
        item.put(&mut to);
    }
    bytes
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_exported_name_is_abi_stables() {
        assert_eq!(
            abi_stable::library::ROOT_MODULE_LOADER_NAME,
            "_1as_0lib_1header_0root_bmodule_bloader"
        );
    }
}
