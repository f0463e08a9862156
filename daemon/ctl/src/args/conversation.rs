use nudged_wire::{ConversationKind, ConversationSpec, MentionsSpec, SenderSpec};

/// How everybody is mentioned.
const ALL: &str = "all";

/// Who says it, and where.
#[derive(Debug, Default, clap::Args)]
pub struct ConversationArgs {
    /// The user who sends the message; is not pushed
    #[arg(long, value_name = "USER")]
    pub sender: Option<String>,
    /// Name of the sender, shown before the text of --element
    #[arg(long, value_name = "NAME")]
    pub sender_name: Option<String>,
    /// The group that the message belongs to [default: the conversation with the sender]
    #[arg(long, value_name = "ID")]
    pub group: Option<String>,
    /// Name of the group, shown before the text of --element
    #[arg(long, value_name = "NAME")]
    pub group_name: Option<String>,
    /// Who is mentioned, all = everybody; repeatable
    #[arg(long, value_name = "USER")]
    pub mention: Vec<String>,
}

impl ConversationArgs {
    /// Who sends it, if that was said.
    pub fn sender(&self) -> Option<SenderSpec> {
        let said = self.sender.is_some() || self.sender_name.is_some();
        said.then(|| SenderSpec {
            user: self.sender.clone(),
            name: self.sender_name.clone(),
        })
    }

    /// The group, if it is one.
    pub fn conversation(&self) -> Option<ConversationSpec> {
        let said = self.group.is_some() || self.group_name.is_some();
        said.then(|| ConversationSpec {
            kind: ConversationKind::Group,
            id: self.group.clone(),
            name: self.group_name.clone(),
        })
    }

    /// Who is mentioned.
    pub fn mentions(&self) -> MentionsSpec {
        let users = self.mention.iter().filter(|user| *user != ALL);
        MentionsSpec {
            all: self.mention.iter().any(|user| user == ALL),
            users: users.cloned().collect(),
        }
    }
}
