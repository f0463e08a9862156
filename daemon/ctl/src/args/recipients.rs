use clap::{Arg, ArgAction, ArgMatches, Command, Error, error::ErrorKind};

use nudged_wire::RecipientSpec;

/// Who is told. The order on the command line counts: a `--device` belongs to the `--user`
/// before it, a `--token` to the `--channel` before it, a `--language` to either.
#[derive(Clone, Debug, Default)]
pub struct Recipients(pub Vec<RecipientSpec>);

const USER: &str = "user";
const DEVICE: &str = "device";
const CHANNEL: &str = "channel";
const TOKEN: &str = "token";
const LANGUAGE: &str = "language";
/// The options that name recipients.
pub const NAMES: [&str; 5] = [USER, DEVICE, CHANNEL, TOKEN, LANGUAGE];

impl clap::Args for Recipients {
    fn augment_args(command: Command) -> Command {
        let option = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(help)
                .action(ArgAction::Append)
        };
        command
            .arg(option(
                USER,
                "USER",
                "A registered user: all devices, or each --device that follows; repeatable",
            ))
            .arg(option(
                DEVICE,
                "DEVICE",
                "One device of the preceding --user; repeatable",
            ))
            .arg(option(
                CHANNEL,
                "CHANNEL",
                "Channel of each --token that follows; repeatable",
            ))
            .arg(option(
                TOKEN,
                "TOKEN",
                "A vendor token of the preceding --channel; repeatable",
            ))
            .arg(option(
                LANGUAGE,
                "TAG",
                "Language of the preceding recipient, such as zh-Hans [default: the device's]",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Recipients {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut given: Vec<(usize, &str, &String)> = Vec::new();
        for name in NAMES {
            let places = matches.indices_of(name).into_iter().flatten();
            let values = matches.get_many::<String>(name).into_iter().flatten();
            given.extend(
                places
                    .zip(values)
                    .map(|(place, value)| (place, name, value)),
            );
        }
        given.sort_unstable();
        let words = given
            .into_iter()
            .map(|(_, name, value)| (name, value.as_str()));
        collect(words).map(Self).map_err(|wrong| {
            // Ends with a line break, as clap's own messages do.
            Error::raw(ErrorKind::ArgumentConflict, format!("{wrong}\n"))
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn collect<'a>(
    words: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<RecipientSpec>, &'static str> {
    let mut to: Vec<RecipientSpec> = Vec::new();
    for (name, value) in words {
        let value = Some(value.to_owned());
        match name {
            USER => to.push(RecipientSpec {
                user: value,
                ..RecipientSpec::default()
            }),
            CHANNEL => to.push(RecipientSpec {
                channel: value,
                ..RecipientSpec::default()
            }),
            DEVICE => match to.last_mut() {
                Some(last) if last.user.is_some() => {
                    if last.device.is_none() {
                        last.device = value;
                    } else {
                        let next = RecipientSpec {
                            device: value,
                            ..last.clone()
                        };
                        to.push(next);
                    }
                }
                _ => return Err("--device must follow the --user that it belongs to"),
            },
            LANGUAGE => match to.last_mut() {
                Some(last) => last.language = value,
                None => return Err("--language must follow the recipient that it belongs to"),
            },
            _ => match to.last_mut() {
                Some(last) if last.channel.is_some() => {
                    if last.token.is_none() {
                        last.token = value;
                    } else {
                        let next = RecipientSpec {
                            token: value,
                            ..last.clone()
                        };
                        to.push(next);
                    }
                }
                _ => return Err("--token must follow the --channel that it belongs to"),
            },
        }
    }
    if to
        .iter()
        .any(|it| it.channel.is_some() && it.token.is_none())
    {
        return Err("--channel needs a --token after it");
    }
    Ok(to)
}
