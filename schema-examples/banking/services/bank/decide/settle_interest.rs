//! How `SettleInterest` is decided: simple interest for every millisecond since the last settlement, a year having 365 days.

use super::{Recorded, SettleInterest, SettleInterestError, State};
use bank_events::{InterestCharged, InterestPaid};
use scaffold_runtime::codegen::{Context, Decimal, EvalError, Refused};
use scaffold_runtime::dec;

/// What a year brings on a balance.
const CREDIT: Decimal = dec!(0.02);
/// What a year costs on an overdraft.
const DEBIT: Decimal = dec!(0.09);
/// In milliseconds.
const YEAR: Decimal = dec!(31536000000);

/// What `SettleInterest` records, or why it is rejected.
pub fn decide(
    command: &SettleInterest,
    state: &State,
    context: &Context<'_>,
) -> Result<Vec<Recorded>, Refused<SettleInterestError, Recorded>> {
    let account_id = &command.account_id;
    if !state.is_open {
        let message = format!("There is no open account {account_id}");
        return Err(SettleInterestError::AccountNotOpen(message).into());
    }
    let (account_id, until) = (account_id.clone(), context.now);
    let amount = interest(state, until.millis()).ok_or(EvalError::Overflow)?.round(2);
    if amount == Decimal::ZERO {
        let message = format!("The interest of account {account_id} comes to less than a cent");
        return Err(SettleInterestError::NothingToSettle(message).into());
    }
    Ok(vec![if amount > Decimal::ZERO {
        InterestPaid { account_id, amount, until }.into()
    } else {
        InterestCharged { account_id, amount: amount.negated(), until }.into()
    }])
}

/// What every balance brought or cost for as long as it lasted; nothing if so much has no room in a Decimal.
fn interest(state: &State, until: i64) -> Option<Decimal> {
    let from = state.settled_until.map_or(i64::MIN, |settled| settled.millis());
    let (mut sum, mut balance) = (Decimal::ZERO, Decimal::ZERO);
    for (number, posting) in state.postings.iter().enumerate() {
        balance = balance.checked_add(posting.amount)?;
        let begins = posting.at.millis().max(from);
        let ends = state.postings.get(number + 1).map_or(until, |next| next.at.millis());
        let lasted = Decimal::from(ends.saturating_sub(begins).max(0)).checked_div(YEAR)?;
        let rate = if balance < Decimal::ZERO { DEBIT } else { CREDIT };
        sum = sum.checked_add(balance.checked_mul(rate)?.checked_mul(lasted)?)?;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::interest;
    use crate::settle_interest::State;
    use scaffold_runtime::codegen::{DateTime, Decimal};
    use scaffold_runtime::dec;

    const DAY: i64 = 24 * 60 * 60 * 1000;

    #[test]
    fn each_balance_counts_for_as_long_as_it_lasted() {
        let posting = |day: i64, amount: Decimal| bank_events::Posting { at: DateTime::from_millis(day * DAY), amount };
        let brought = |postings| interest(&State { is_open: true, postings, settled_until: None }, 110 * DAY);
        // A hundred days that bring 2 cents each, then ten that cost 9 cents each.
        let sum = brought(vec![posting(0, dec!(365)), posting(100, dec!(-730))]);
        assert_eq!(sum.map(|sum| sum.round(10)), Some(dec!(1.1)));
        assert_eq!(brought(Vec::new()), Some(Decimal::ZERO));
    }
}
