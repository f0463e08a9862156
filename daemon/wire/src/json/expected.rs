//! What a reader of JSON or TOML expected, in the words of whoever wrote the text: serde's are
//! those of this program's types. Pure.

/// The message with what serde calls `u32` or `struct ...` said in other words.
pub fn plainly(message: &str) -> String {
    let Some(at) = message.find(EXPECTED) else {
        return message.to_owned();
    };
    let (said, rest) = message.split_at(at);
    let rest = &rest[EXPECTED.len()..];
    // Where a JSON reader says it stopped.
    let end = rest.rfind(" at line ").unwrap_or(rest.len());
    let (expected, place) = rest.split_at(end);
    let Some(words) = words(expected) else {
        return message.to_owned();
    };
    let advice = match words {
        "a string" if said.starts_with("invalid type: floating point") => {
            ": write it in quotes, a number of that length has lost its last digits"
        }
        "a string" if said.starts_with("invalid type: integer") => ": write it in quotes",
        _ => "",
    };
    let said = said.replace("invalid type: map", "invalid type: object");
    let said = said.replace("invalid type: sequence", "invalid type: array");
    format!("{said}{EXPECTED}{words}{advice}{place}")
}

const EXPECTED: &str = ", expected ";

fn words(expected: &str) -> Option<&str> {
    Some(match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a map" => "an object",
        "a sequence" => "an array",
        "unit" => "null",
        "a string" => "a string",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with("enum ") => "one of its words",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_this_program_are_said_in_words() {
        for (message, said) in [
            (
                "invalid type: string \"x\", expected struct DeviceLine at line 1 column 3",
                "invalid type: string \"x\", expected an object at line 1 column 3",
            ),
            (
                "invalid type: floating point `1.2e+22`, expected a string at line 1 column 9",
                "invalid type: floating point `1.2e+22`, expected a string: write it in quotes, a \
                 number of that length has lost its last digits at line 1 column 9",
            ),
            (
                "invalid type: integer `7`, expected a string",
                "invalid type: integer `7`, expected a string: write it in quotes",
            ),
            (
                "invalid value: integer `-6`, expected u32",
                "invalid value: integer `-6`, expected a whole number from 0 to 4294967295",
            ),
            (
                "invalid type: map, expected a sequence at line 2 column 1",
                "invalid type: object, expected an array at line 2 column 1",
            ),
        ] {
            assert_eq!(plainly(message), said);
        }
        for message in [
            "unknown field `titel`, expected one of `title`, `body` at line 1 column 8",
            "missing field `to` at line 1 column 2",
            "expected `,` or `}` at line 1 column 9",
            "trailing characters",
        ] {
            assert_eq!(plainly(message), message);
        }
    }
}
