//! How `{{ command }}` is decided. This file is yours: it was made once and is never written again.

use super::{{ imports }};
use scaffold_runtime::codegen::{Context, Refused};

/// What `{{ command }}` records, or why it is rejected.
///
/// The same command, state and context have to give the same answer: if what the state was read from has changed meanwhile, it is
/// decided again. The time is `context.now`, the caller `context.caller`.
pub fn decide(
    command: &{{ rust }},
{%- if has_state %}
    state: &State,
{%- endif %}
    context: &Context<'_>,
) -> Result<Vec<Recorded>, Refused<{{ rust }}Error, Recorded>> {
{%- if event %}
    // To record: `Ok(vec![{{ event }} { … }.into()])`, with `use {{ events_crate }}::{{ event }};`.
{%- endif %}
{%- if error %}
    // To reject: `Err({{ rust }}Error::{{ error }}("why".to_owned()).into())`.
{%- endif %}
    let _ = (command, {% if has_state %}state, {% endif %}context);
    Err(Refused::failed("`{{ command }}` is not decided yet: {{ path }}"))
}
