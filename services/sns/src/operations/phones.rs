//! Operations on phone numbers and on what holds for all text messages.

use api_sns::{
    CheckIfPhoneNumberIsOptedOut, CheckIfPhoneNumberIsOptedOutInput, CheckIfPhoneNumberIsOptedOutOutput,
    GetSMSAttributes, GetSMSAttributesInput, GetSMSAttributesOutput, ListPhoneNumbersOptedOut,
    ListPhoneNumbersOptedOutInput, ListPhoneNumbersOptedOutOutput, OptInPhoneNumber, OptInPhoneNumberInput,
    OptInPhoneNumberOutput, SetSMSAttributes, SetSMSAttributesInput, SetSMSAttributesOutput, SnsError,
};
use kernel::{Context, Fault, Handler, page};

use crate::phone::{self, OPTED_OUT, SETTINGS};
use crate::{Sns, errors, limits, paging};

fn check(number: &str) -> Result<(), SnsError> {
    if phone::is_number(number) {
        return Ok(());
    }
    Err(errors::because("PhoneNumber", "input incorrectly formatted"))
}

impl Handler<CheckIfPhoneNumberIsOptedOut> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: CheckIfPhoneNumberIsOptedOutInput,
    ) -> Result<CheckIfPhoneNumberIsOptedOutOutput, SnsError> {
        check(&input.phone_number)?;
        let is_out = self.store.read(&cx.scope, |tx| tx.contains(&OPTED_OUT, &input.phone_number))?;
        Ok(CheckIfPhoneNumberIsOptedOutOutput { is_opted_out: Some(is_out) })
    }
}

impl Handler<OptInPhoneNumber> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: OptInPhoneNumberInput,
    ) -> Result<OptInPhoneNumberOutput, SnsError> {
        check(&input.phone_number)?;
        self.store.write(&cx.scope, |tx| tx.delete(&OPTED_OUT, &input.phone_number).map(drop)).await?;
        Ok(OptInPhoneNumberOutput {})
    }
}

impl Handler<ListPhoneNumbersOptedOut> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListPhoneNumbersOptedOutInput,
    ) -> Result<ListPhoneNumbersOptedOutOutput, SnsError> {
        let list = "opted out";
        let after = paging::after(list, input.next_token.as_deref())?;
        let numbers: Vec<String> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&OPTED_OUT, ..);
            let rows = match &after {
                Some(after) => rows.after(after),
                None => rows,
            };
            rows.keys().take(limits::PAGE + 1).collect::<Result<_, Fault>>()
        })?;
        let page = page::cut(numbers, limits::PAGE, list, Clone::clone);
        Ok(ListPhoneNumbersOptedOutOutput { phone_numbers: Some(page.items), next_token: page.next })
    }
}

impl Handler<GetSMSAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetSMSAttributesInput,
    ) -> Result<GetSMSAttributesOutput, SnsError> {
        let mut settings = self.store.read(&cx.scope, phone::settings)?;
        if let Some(wanted) = input.attributes.filter(|wanted| !wanted.is_empty()) {
            settings.retain(|name, _| wanted.contains(name));
        }
        Ok(GetSMSAttributesOutput { attributes: Some(settings) })
    }
}

impl Handler<SetSMSAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: SetSMSAttributesInput,
    ) -> Result<SetSMSAttributesOutput, SnsError> {
        input.attributes.iter().try_for_each(|(name, value)| phone::check_setting(name, value))?;
        self.store
            .write(&cx.scope, |tx| {
                let mut settings = phone::settings(tx)?;
                settings.extend(input.attributes.clone());
                tx.put(&SETTINGS, &true, &settings)
            })
            .await?;
        Ok(SetSMSAttributesOutput {})
    }
}
