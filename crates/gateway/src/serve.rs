//! One request, from its first byte to its last: every step takes and returns values.

use std::sync::Arc;

use hyper::body::Incoming;
use kernel::context::RequestInfo;
use kernel::schema::ProtocolKind;
use kernel::service::AccessKey;
use kernel::{Calls, Clock, Context, Fault, Ids};
use protocol::Response;

use crate::address::{self, Address};
use crate::authorise::Mode;
use crate::body::Received;
use crate::cors::Cross;
use crate::identify::Identity;
use crate::internal::Internal;
use crate::observe::Watched;
use crate::respond::{self, Outgoing};
use crate::route::{Router, Target, any_target};
use crate::{authorise, body, chaos, compressed, cors, decode, form, identify, observe};

/// What the gateway is told.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// Who gets in.
    pub mode: Mode,
    /// The largest body that is read whole, in bytes.
    pub max_body: usize,
    /// Origins whose pages may call, beside this machine's own; `*` is every one.
    pub origins: Vec<String>,
    /// A key that no service gave out, with its id.
    pub root_key: Option<(String, AccessKey)>,
}

/// Answers HTTP requests with the services it has.
pub struct Gateway {
    pub(crate) settings: GatewaySettings,
    pub(crate) calls: Calls,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) router: Router,
    pub(crate) internal: Arc<dyn Internal>,
}

/// Why a request ends before its handler: how far it came decides in whose words.
pub(crate) enum Stop {
    /// Answered as it is.
    Answer(Response),
    /// The fault, in the target's protocol.
    Fault(Target, Fault),
}

impl Gateway {
    /// A gateway to these services.
    pub fn new(
        settings: GatewaySettings,
        calls: Calls,
        clock: Clock,
        ids: Ids,
        internal: Arc<dyn Internal>,
    ) -> Self {
        let router = Router::new(&calls);
        Self { settings, calls, clock, ids, router, internal }
    }

    /// Answers one request.
    pub async fn serve(&self, request: http::Request<Incoming>, source: &str) -> http::Response<Outgoing> {
        let received = body::receive(request, source);
        let request_id = observe::request_id(&self.ids, &received);
        let expects = received.parts.headers.contains_key(http::header::EXPECT);
        let is_empty = received.is_empty();
        // Boxed, as connections keep the room of a request also while they have none.
        let (answer, cross) = Box::pin(self.answer(received, &request_id)).await;
        let mut answer = respond::finish(answer, cross);
        if expects && (is_empty || !answer.status().is_success()) {
            // Who waits for leave to send a body does not send it now: what comes next is no body but a request,
            // and must not be taken for one. An empty body needs no leave and gets none; botocore, which waits all
            // the same, then reads the next answer on the connection wrongly.
            answer.headers_mut().insert(http::header::CONNECTION, http::HeaderValue::from_static("close"));
        }
        answer
    }

    /// The answer, and what becomes of it because a page asked.
    async fn answer(&self, mut received: Received, request_id: &str) -> (Response, Cross) {
        // A deployed API or a website says itself which origins may read it.
        if let Some(answer) = self.edges(&mut received, request_id).await {
            return (answer, Cross::None);
        }
        let address = address::of(&received);
        let mut watched = None;
        let (cross, answer) = match self.cross_origin(&received, &address) {
            Ok(cross) => {
                let answer = self.line(received, address, (request_id, &mut watched), &cross).await;
                (cross, answer)
            }
            Err(stop) => (Cross::None, Err(stop)),
        };
        let (answer, error) = match answer {
            Ok(answer) | Err(Stop::Answer(answer)) => (answer, None),
            Err(Stop::Fault(target, fault)) => {
                observe::fault(&target, &fault);
                let protocol = protocol::of(target.protocol);
                let answer = protocol.encode_fault(target.service.schema, &fault, request_id);
                (answer, Some(fault.code().to_owned()))
            }
        };
        if let Some(watched) = watched {
            let exchange = watched.answered(&answer, error);
            watched.tell(&exchange).await;
        }
        (answer, cross)
    }

    async fn line(
        &self,
        mut received: Received,
        address: Address,
        (request_id, watched): (&str, &mut Option<Watched>),
        cross: &Cross,
    ) -> Result<Response, Stop> {
        let began = self.clock.millis();
        self.aside(&received, cross, request_id).await?;
        if let Some(bucket) = form::bucket(&received, &address)
            && let Some(target) = self.router.named("s3", "PutObject")
        {
            let form =
                form::serve(self, &mut received, &address, bucket, target, (request_id, began, watched));
            // Boxed, as it is large and rare: all other requests would carry its room while they wait.
            return Box::pin(form).await;
        }
        let presented = identify::presented(&received);
        let mut target =
            self.router.route(&mut received, &address, &presented, self.settings.max_body).await?;
        let resolved = self.router.resolve(&mut target, &address.host);
        resolved.map_err(|fault| Stop::Fault(target.clone(), fault))?;
        // One service's rules say nothing of another's requests.
        if let Cross::Ruled(service, _) = cross
            && service.schema.name != target.service.schema.name
        {
            return Err(Stop::Answer(cors::refused()));
        }
        let identity = identify::identify(self, &presented, &target, &address)?;
        chaos::disturb(&target, &identity).await?;
        let source = received.source.clone();
        let mut wire = body::wire(received, &address, &target, self.settings.max_body).await?;
        authorise::signature(self, &presented, &identity, &target, &address, &mut wire)?;
        compressed::inflate(&target, &mut wire, self.settings.max_body)?;
        let handler = target.handler()?;
        let cx = self.context(&identity, &target, &wire, &address, (request_id, &source));
        *watched = Watched::of(&target, &wire.method, &cx, began);
        let input = decode::decode(&target, handler.as_ref(), &mut wire)?;
        authorise::permission(self.settings.mode, &cx, &target);
        let result = handler.handle(&cx, input).await;
        let output = result.map_err(|fault| Stop::Fault(target.clone(), fault))?;
        observe::answered(&target, &cx);
        let protocol = protocol::of(target.protocol);
        let answer = protocol.encode(target.service.schema, target.operation, output.as_ref(), request_id);
        // Only what a browser would send as well: clients for whom JSON was made have protocols of their own.
        let is_plain = target.protocol == ProtocolKind::Query && wire.method == http::Method::GET;
        if is_plain && protocol::query::wants_json(&wire.headers) {
            return Ok(protocol::query::as_json(answer));
        }
        Ok(answer)
    }

    /// The rule for pages of other sites.
    fn cross_origin(&self, received: &Received, address: &Address) -> Result<Cross, Stop> {
        let service = self.router.cross_origin(received, address);
        let seen = service.as_ref().map(|(service, path)| (*service, path.as_str()));
        Cross::of(received, &self.settings.origins, seen).map_err(|fault| {
            let target = service.map(|(service, _)| any_target(service));
            target.map_or_else(|| Stop::Answer(cors::refused()), |target| Stop::Fault(target, fault))
        })
    }

    /// Pages of other sites, preflights, health, resets: such requests end here.
    async fn aside(&self, received: &Received, cross: &Cross, request_id: &str) -> Result<(), Stop> {
        match cross {
            Cross::Untrusted => return Err(Stop::Answer(cors::refused())),
            Cross::Refused(service, fault) => {
                return Err(Stop::Fault(any_target(service), fault.clone()));
            }
            Cross::Ruled(service, _) if received.parts.method == http::Method::OPTIONS => {
                let mut answer = Response::new(protocol::Body::empty());
                protocol::rest_xml::request_ids(&mut answer, service.schema, request_id);
                return Err(Stop::Answer(answer));
            }
            _ => {}
        }
        let answer = match cors::preflight(received) {
            Some(answer) => Some(answer),
            None => self.internal.answer(&received.parts.method, received.path()).await,
        };
        answer.map_or(Ok(()), |answer| Err(Stop::Answer(answer)))
    }

    /// What services serve beside their operations.
    async fn edges(&self, received: &mut Received, request_id: &str) -> Option<Response> {
        let (edge, is_private) = self.router.edge(received)?;
        if is_private && self.settings.mode == Mode::Signature {
            let message = br#"{"message":"this page is open to all, so it is closed with --auth signature"}"#;
            return Some(protocol::message::response(403, "application/json", message.to_vec()));
        }
        let identity = Identity::default();
        let info = RequestInfo {
            id: request_id.to_owned(),
            host: received.host.clone(),
            headers: received.parts.headers.clone(),
            source: received.source.clone(),
            ..RequestInfo::default()
        };
        let cx = self.surroundings(&identity, info);
        Some(respond::edge(edge.serve(&cx, received.take_edge_request()).await))
    }

    pub(crate) fn context(
        &self,
        identity: &Identity,
        target: &Target,
        wire: &protocol::WireRequest,
        address: &Address,
        (request_id, source): (&str, &str),
    ) -> Context {
        self.surroundings(
            identity,
            RequestInfo {
                id: request_id.to_owned(),
                host: address.host.clone(),
                headers: wire.headers.clone(),
                protocol: Some(target.protocol),
                path: wire.sent_path.clone(),
                query: wire.query.clone(),
                source: source.to_owned(),
                is_form: false,
            },
        )
    }

    pub(crate) fn surroundings(&self, identity: &Identity, request: RequestInfo) -> Context {
        Context {
            scope: identity.scope(),
            caller: Arc::new(identity.caller()),
            request: Arc::new(request),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            calls: self.calls.clone(),
        }
    }
}
