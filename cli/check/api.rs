//! Names that the API derives: an entry `X` brings `XFilter`, `CreateX`, `GetX` … along, and none of these may meet a
//! name that the user gave, or what derives from another one.

use super::names::is_legal;
use super::walk::{What, article, types};
use crate::diagnostic::codes::names::{DERIVED_NAME, NAME_IN_TWO_SERVICES};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Kind, Model, Service, TypeName};
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Types that an entry brings along in GraphQL and protobuf; `{}` is its name.
const OF_ENTRY: &[&str] = &[
    "{}Filter",
    "{}Order",
    "Paginated{}List",
    "{}SubscriptionData",
    "{}Change",
    "Get{}Input",
    "Get{}ListInput",
    "SubscribeTo{}Input",
    "SubscribeTo{}ListInput",
    "Get{}Request",
    "Get{}Response",
    "Get{}ListRequest",
    "Get{}ListResponse",
    "Get{}ByIdsRequest",
    "Get{}ByIdsResponse",
    "SubscribeTo{}Request",
    "SubscribeTo{}ListRequest",
    "{}Query",
    "{}Mutation",
    "{}Subscription",
    "{}ById",
    "{}Wait",
    "{}WaitInput",
    "GetPublic{}Input",
    "GetPublic{}ListInput",
];

/// Those of a CRUD type besides.
const OF_CRUD: &[&str] = &[
    "Create{}",
    "Update{}",
    "Create{}Input",
    "Update{}Input",
    "Delete{}Input",
    "CreatePublic{}Input",
    "UpdatePublic{}Input",
    "DeletePublic{}Input",
    "Create{}Request",
    "Update{}Request",
    "Delete{}Request",
    "{}Response",
];

/// Methods of the service, which are also the operations of GraphQL.
const METHODS_OF_ENTRY: &[&str] =
    &["Get{}", "Get{}List", "Get{}ByIds", "SubscribeTo{}", "SubscribeTo{}List", "GetPublic{}", "GetPublic{}List"];

/// Those of a CRUD type besides.
const METHODS_OF_CRUD: &[&str] =
    &["Create{}", "Update{}", "Delete{}", "CreatePublic{}", "UpdatePublic{}", "DeletePublic{}"];

/// Within each service, and between those that the gateway joins.
pub(super) fn check(model: &Model, sink: &mut Sink) {
    for service in model.services.values() {
        check_service(service, sink);
    }
    check_gateway(model, sink);
}

/// One name that the API of a service has.
struct Given<'a> {
    /// `CourseFilter`
    name: String,
    /// The entry, command or type that it comes from.
    owner: &'a str,
    /// What that is: "type", "command".
    what: What<'a>,
    /// Whether a user wrote exactly this name.
    written: bool,
    place: Place,
}

fn check_service(service: &Service, sink: &mut Sink) {
    let mut reported = BTreeSet::new();
    for names in [methods(service), api_types(service)] {
        let mut taken: BTreeMap<String, Given<'_>> = BTreeMap::new();
        for given in names {
            let key = TypeName::new(given.name.as_str()).rust();
            let Some(first) = taken.get(&key) else {
                taken.insert(key, given);
                continue;
            };
            // Owners that become one themselves are told of elsewhere.
            let [one, two] = [first.owner, given.owner].map(|owner| TypeName::new(owner).rust());
            let pair = BTreeSet::from([first.owner, given.owner]);
            if one != two && !(first.written && given.written) && reported.insert(pair) {
                sink.push(meeting(first, &given));
            }
        }
    }
}

/// Reported at the name that was written, if one was.
fn meeting(first: &Given<'_>, second: &Given<'_>) -> Diagnostic {
    let (at, other) = if first.written && !second.written { (first, second) } else { (second, first) };
    let what = at.what.describe();
    let (message, label) = if at.written {
        let message = format!("`{}` is generated for `{}`, so no {what} can be called so", other.name, other.owner);
        (message, format!("{} {what}", article(&what)))
    } else {
        let message = format!("`{}` and `{}` would both bring `{}` along", other.owner, at.owner, at.name);
        (message, format!("this {what}"))
    };
    let problem = Diagnostic::error(DERIVED_NAME, at.place, message).label(label).help("rename one of the two");
    if other.what == What::Service {
        return problem;
    }
    problem.related(other.place, format!("brings `{}` along", other.name))
}

/// The types of the API: first those that were written, so that a derived one is what meets them.
fn api_types(service: &Service) -> Vec<Given<'_>> {
    let mut found = Vec::new();
    for named in types(service)
        .into_iter()
        .filter(|named| !matches!(named.what, What::Event | What::Automation) && is_legal(named.name))
    {
        found.push(Given {
            name: named.name.to_owned(),
            owner: named.name,
            what: named.what,
            written: true,
            place: named.place,
        });
    }
    let of_service = [format!("{}Service", service.name.pascal()), format!("{}ServiceClient", service.name.pascal())];
    let owner = service.name.as_written();
    found.extend(of_service.map(|name| Given {
        name,
        owner,
        what: What::Service,
        written: false,
        place: Place::default(),
    }));
    for (name, entry) in service.entries() {
        let owner = (name.as_written(), What::Entry, entry.place);
        found.extend(derived(OF_ENTRY, owner));
        if entry.kind == Kind::Crud {
            found.extend(derived(OF_CRUD, owner));
        }
    }
    for (name, object) in &service.objects {
        found.extend(derived(&["{}Input"], (name.as_written(), What::Object, object.place)));
    }
    for (name, command) in &service.commands {
        found.extend(derived(
            &["{}Input", "{}Request", "{}Mutation", "{}Error"],
            (name.as_written(), What::Command, command.place),
        ));
    }
    found
}

/// The methods of the service; a command is one by its own name.
fn methods(service: &Service) -> Vec<Given<'_>> {
    let mut found = Vec::new();
    for (name, command) in &service.commands {
        let owner = name.as_written();
        found.push(Given { name: owner.to_owned(), owner, what: What::Command, written: true, place: command.place });
    }
    for (name, entry) in service.entries() {
        let owner = (name.as_written(), What::Entry, entry.place);
        found.extend(derived(METHODS_OF_ENTRY, owner));
        if entry.kind == Kind::Crud {
            found.extend(derived(METHODS_OF_CRUD, owner));
        }
    }
    found
}

fn derived<'a>(patterns: &[&str], (owner, what, place): (&'a str, What<'a>, Place)) -> Vec<Given<'a>> {
    let named = |pattern: &&str| Given { name: pattern.replace("{}", owner), owner, what, written: false, place };
    patterns.iter().map(named).collect()
}

/// The gateway has one GraphQL schema for all services.
fn check_gateway(model: &Model, sink: &mut Sink) {
    let mut taken: BTreeMap<String, (&str, Place)> = BTreeMap::new();
    for (service_name, service) in &model.services {
        for named in types(service)
            .into_iter()
            .filter(|named| !matches!(named.what, What::Event | What::Automation) && is_legal(named.name))
        {
            let key = TypeName::new(named.name).rust();
            match taken.get(&key) {
                Some((first_service, first)) if first_service != service_name => {
                    let what = named.what.describe();
                    let message =
                        format!("`{}` is declared by two services, `{first_service}` and `{service_name}`", named.name);
                    let problem = Diagnostic::error(NAME_IN_TWO_SERVICES, named.place, message)
                        .label(format!("{what} of `{service_name}`"));
                    let problem = problem.related(*first, format!("in `{first_service}`"));
                    sink.push(problem.help("the gateway joins all services into one GraphQL schema, so each name can stand for one thing only"));
                }
                Some(_) => {}
                None => {
                    taken.insert(key, (service_name, named.place));
                }
            }
        }
    }
}
