//! Running functions of capacity providers: their environments are there before their events.
//!
//! AWS gives many events at once to one environment. Here, each has a process of its own, as each has with AWS's runtime
//! for Python: a version takes as many events as its environments would.

use api_lambda::{LambdaError, State, ThrottleReason};
use kernel::Context;

use crate::function::{Function, LATEST, Moment, PUBLISHED};
use crate::names::FunctionName;
use crate::provisioned::{Warming, Warmth};
use crate::turns::Turn;
use crate::{Lambda, errors};

impl Lambda {
    /// What is happening to a version, as far as its environments tell.
    pub(crate) fn moment(&self, name: &FunctionName, function: &Function) -> Moment {
        let is_managed = function.configuration.managed.is_some();
        if !is_managed || function.version == LATEST || function.scaling().is_off() {
            return Moment::Settled;
        }
        match self.warming.state(&name.with(&function.version).arn()) {
            Warmth::Starting => Moment::Starting,
            Warmth::Ready => Moment::Settled,
            Warmth::Failed => Moment::Broken,
        }
    }

    /// Starts the environments of a version that has just been published.
    pub(crate) async fn publish_managed(
        &self,
        cx: &Context,
        name: &FunctionName,
        version: &Function,
    ) -> Result<(), LambdaError> {
        let scaling = version.scaling();
        if version.configuration.managed.is_none() || scaling.is_off() {
            return Ok(());
        }
        let arn = name.with(&version.version).arn();
        if version.version != PUBLISHED && self.warming.knows(&arn) {
            // Without a change, it was published before.
            return Ok(());
        }
        // Those of what had that name before end.
        self.runner.retire(&arn).await;
        self.start_managed(cx, name, version, scaling.min, true).await
    }

    /// Starts environments: the first of a version, which is pending until then, or more of them.
    pub(crate) async fn start_managed(
        &self,
        cx: &Context,
        name: &FunctionName,
        version: &Function,
        count: i32,
        is_first: bool,
    ) -> Result<(), LambdaError> {
        let name = name.with(&version.version);
        let spec = self.spec(&cx.in_scope(name.scope.clone()), &name, version.clone()).await?;
        match is_first {
            true => self.warming.start(self.runner.clone(), spec, name.arn(), count),
            false => Warming::grow(self.runner.clone(), spec, count),
        }
        Ok(())
    }

    /// A place for an event, where the version's environments are limited; refused where it takes none.
    pub(crate) fn managed_turn(
        &self,
        name: &FunctionName,
        function: &Function,
    ) -> Result<Option<Turn>, LambdaError> {
        let state = function.describe(name, self.moment(name, function)).state;
        if let Some(state) = state.filter(|state| *state != State::Active) {
            return Err(errors::not_invocable(&state));
        }
        let Some(most) = function.managed_limit() else { return Ok(None) };
        let turn = self.turns.take(name.with(&function.version).arn(), most);
        let refused = ThrottleReason::ConcurrentInvocationLimitExceeded;
        turn.map(Some).ok_or_else(|| errors::too_many_requests(refused))
    }
}
