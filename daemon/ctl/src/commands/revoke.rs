use http::Method;

use super::trace::path;
use crate::error::CtlError;
use crate::print::{count, plain};
use crate::session::Session;
use nudged_wire::{RevokedDelivery, RevokedView};

/// Revokes a notification.
pub async fn run(session: &mut Session<'_>, id: &str) -> Result<(), CtlError> {
    let answer = session
        .client
        .request(Method::DELETE, &path(id), Vec::new())
        .await?;
    let Some(view) = session.read::<RevokedView>(&answer)? else {
        return Ok(());
    };
    for delivery in &view.deliveries {
        for line in lines(delivery) {
            session.out.line(line)?;
        }
    }
    if view.truncated {
        let shown = count(view.deliveries.len() as u64, "delivery", "deliveries");
        session
            .out
            .line(format!("only the first {shown} are shown"))?;
    }
    Ok(())
}

/// What came of one delivery: the state with its code, then the words that it needs.
fn lines(delivery: &RevokedDelivery) -> Vec<String> {
    let state = delivery.state.words();
    let code = match delivery.code.as_str() {
        "" => String::new(),
        code if code == state => String::new(),
        code => format!(" {code}"),
    };
    let mut lines = vec![format!("#{}  {state}{code}", delivery.n)];
    if !delivery.text.is_empty() {
        lines.push(format!("    {}", plain(&delivery.text)));
    }
    if !delivery.remedy.is_empty() {
        lines.push(format!("    what to do: {}", plain(&delivery.remedy)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use nudged_wire::RevokeState;

    #[test]
    fn a_delivery_is_told_with_what_it_needs() {
        let shown = |state, code: &str, text: &str, remedy: &str| {
            lines(&RevokedDelivery {
                n: 3,
                state,
                code: code.to_owned(),
                text: text.to_owned(),
                remedy: remedy.to_owned(),
            })
        };
        assert_eq!(shown(RevokeState::Recalled, "", "", ""), ["#3  recalled"]);
        assert_eq!(
            shown(RevokeState::Revoked, "revoked", "", ""),
            ["#3  revoked"]
        );
        assert_eq!(
            shown(
                RevokeState::NotRecalled,
                "too_late",
                "a\nday ago",
                "nothing"
            ),
            [
                "#3  not recalled too_late",
                "    a\\nday ago",
                "    what to do: nothing"
            ]
        );
    }
}
