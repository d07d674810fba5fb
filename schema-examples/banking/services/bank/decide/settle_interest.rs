//! How `SettleInterest` is decided: simple interest for every millisecond since the last settlement, a year having 365 days.

use super::{Recorded, SettleInterest, SettleInterestError, State};
use bank_events::{InterestCharged, InterestPaid};
use scaffold_runtime::codegen::{Context, EvalError, Refused};

/// What a year brings on a balance, in hundredths of a per cent.
const CREDIT: i128 = 200;
/// What a year costs on an overdraft, in hundredths of a per cent.
const DEBIT: i128 = 900;
/// A year in milliseconds, times the hundredths of a per cent in a whole.
const WHOLE_YEAR: i128 = 365 * 24 * 60 * 60 * 1000 * 10_000;

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
    let amount = i64::try_from(rounded(interest(state, until.millis()))).map_err(|_| EvalError::Overflow)?;
    match amount {
        1.. => Ok(vec![InterestPaid { account_id, amount, until }.into()]),
        0 => {
            let message = format!("The interest of account {account_id} comes to less than a cent");
            Err(SettleInterestError::NothingToSettle(message).into())
        }
        _ => Ok(vec![InterestCharged { account_id, amount: -amount, until }.into()]),
    }
}

/// Cents times [`WHOLE_YEAR`]: what every balance brought or cost for as long as it lasted.
fn interest(state: &State, until: i64) -> i128 {
    let from = state.settled_until.map_or(i64::MIN, |settled| settled.millis());
    let (mut sum, mut balance) = (0, 0);
    for (number, posting) in state.postings.iter().enumerate() {
        balance += i128::from(posting.amount);
        let begins = posting.at.millis().max(from);
        let ends = state.postings.get(number + 1).map_or(until, |next| next.at.millis());
        let lasted = i128::from(ends) - i128::from(begins);
        sum += balance * lasted.max(0) * if balance < 0 { DEBIT } else { CREDIT };
    }
    sum
}

/// Whole cents, half a cent to the even one.
fn rounded(interest: i128) -> i128 {
    let (cents, rest) = (interest.div_euclid(WHOLE_YEAR), interest.rem_euclid(WHOLE_YEAR));
    match (rest * 2).cmp(&WHOLE_YEAR) {
        std::cmp::Ordering::Less => cents,
        std::cmp::Ordering::Equal => cents + cents.rem_euclid(2),
        std::cmp::Ordering::Greater => cents + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{WHOLE_YEAR, rounded};

    #[test]
    fn half_a_cent_goes_to_the_even_one() {
        for (halves, cents) in [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2)] {
            assert_eq!(rounded(WHOLE_YEAR / 2 * halves), cents, "{halves}");
        }
    }
}
