//! Sends spans to a collector by OTLP over HTTP. Requests never wait for the collector: spans are queued, and dropped
//! while the queue is full.

use std::{
    collections::HashMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::Duration,
};

use async_trait::async_trait;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::runtime::Handle;
use tracing::{Subscriber, info, warn};
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use super::target::TARGET;
use crate::config::{self, Environment, TracesExporter};

/// How long the collector may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the exit waits for spans that have not been sent.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
/// In bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Exports spans to the collector.
pub struct Telemetry(SdkTracerProvider);

impl Telemetry {
    /// `None` if no collector is configured. The runtime runs the requests to it.
    pub fn new(
        settings: &config::Telemetry,
        environment: Environment,
        runtime: Handle,
    ) -> Result<Option<Self>, String> {
        let endpoint = match (&settings.traces_endpoint, &settings.endpoint) {
            _ if settings.disabled || settings.exporter == TracesExporter::None => return Ok(None),
            (Some(url), _) => url.as_str().to_owned(),
            (None, Some(url)) => format!("{}/v1/traces", url.as_str().trim_end_matches('/')),
            (None, None) => return Ok(None),
        };
        let client = CollectorClient::new(settings.certificate.as_deref(), runtime)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(ANSWER_TIMEOUT)
            .with_endpoint(endpoint)
            .with_headers(headers(settings))
            .build()
            .map_err(|error| format!("telemetry can't be set up: {error}"))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler(settings))
            .with_resource(resource(settings, environment))
            .build();
        Ok(Some(Self(provider)))
    }

    /// The tracing layer that collects the spans.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer = self.0.tracer(env!("CARGO_PKG_NAME"));
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TARGET, tracing::Level::DEBUG))
    }

    /// Sends the queued spans, within [`FLUSH_TIMEOUT`].
    pub async fn flush(self) {
        let flushing =
            tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSH_TIMEOUT));
        if let Ok(Err(error)) = flushing.await {
            warn!("the last spans were not sent to the collector: {error}");
        }
    }
}

fn headers(settings: &config::Telemetry) -> HashMap<String, String> {
    let text = settings.headers.as_ref().map_or("", config::Secret::expose);
    pairs(text).collect()
}

/// `name=value` pairs, separated by commas; values may be percent-encoded.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| {
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8_lossy();
        (name.trim().to_owned(), value.into_owned())
    })
}

fn sampler(settings: &config::Telemetry) -> Sampler {
    use config::Sampler as Named;
    let ratio = Sampler::TraceIdRatioBased(settings.sampler_arg.0);
    let by_parent = |root: Sampler| Sampler::ParentBased(Box::new(root));
    match settings.sampler {
        Named::AlwaysOn => Sampler::AlwaysOn,
        Named::AlwaysOff => Sampler::AlwaysOff,
        Named::TraceIdRatio => ratio,
        Named::ParentBasedAlwaysOn => by_parent(Sampler::AlwaysOn),
        Named::ParentBasedAlwaysOff => by_parent(Sampler::AlwaysOff),
        Named::ParentBasedTraceIdRatio => by_parent(ratio),
    }
}

fn resource(settings: &config::Telemetry, environment: Environment) -> Resource {
    let own = [
        KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
        KeyValue::new("service.instance.id", uuid::Uuid::new_v4().to_string()),
        KeyValue::new("deployment.environment.name", environment.as_str()),
    ];
    let given =
        pairs(&settings.resource_attributes).map(|(name, value)| KeyValue::new(name, value));
    Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attributes(own)
        .with_attributes(given)
        .build()
}

/// Sends batches from the exporter's own thread, which has no async runtime.
#[derive(Debug)]
struct CollectorClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    runtime: Handle,
    /// Whether the last batch was not accepted: only the first failure and the recovery are logged.
    failing: AtomicBool,
}

impl CollectorClient {
    fn new(certificate: Option<&Path>, runtime: Handle) -> Result<Self, String> {
        let connector = HttpsConnectorBuilder::new();
        let connector = match certificate {
            None => connector.with_webpki_roots(),
            Some(file) => connector.with_tls_config(trusting(file)?),
        };
        let connector = connector.https_or_http().enable_http1().build();
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            runtime,
            failing: AtomicBool::default(),
        })
    }

    fn note(&self, failure: Option<&str>) {
        match failure {
            None if self.failing.swap(false, SeqCst) => {
                info!("the OpenTelemetry collector accepts spans again");
            }
            Some(reason) if !self.failing.swap(true, SeqCst) => warn!(
                "spans can't be sent to the OpenTelemetry collector and are dropped until it accepts them: {reason}"
            ),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for CollectorClient {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sending = self.client.request(request.map(Full::new));
        let answered = self.runtime.spawn(async move {
            tokio::time::timeout(ANSWER_TIMEOUT, async move {
                let (head, body) = sending.await?.into_parts();
                let body = Limited::new(body, ANSWER_LIMIT).collect().await?;
                Ok::<_, HttpError>(Response::from_parts(head, body.to_bytes()))
            })
            .await
        });
        let answer = match answered.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err("it does not answer in time".into()),
            Err(ended) => Err(ended.into()),
        };
        match &answer {
            Ok(answer) if answer.status().is_success() => self.note(None),
            Ok(answer) => self.note(Some(&format!("its answer is {}", answer.status()))),
            Err(error) => self.note(Some(&chain(error.as_ref()))),
        }
        answer
    }
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Trusts the certificates of a file, and no others.
fn trusting(file: &Path) -> Result<ClientConfig, String> {
    let read = || -> Result<ClientConfig, HttpError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(file)? {
            roots.add(certificate?)?;
        }
        if roots.is_empty() {
            return Err("there is no certificate in it".into());
        }
        let provider = rustls::crypto::ring::default_provider();
        let config = ClientConfig::builder_with_provider(provider.into())
            .with_safe_default_protocol_versions()?;
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    };
    read().map_err(|error| format!("telemetry.certificate: {}: {error}", file.display()))
}
