//! The methods of a service with the messages that only they use; these have fixed numbers.

use super::file::{Field, Message, Rpc, lines};
use crate::model::{Command, EntryType, Kind};

/// Methods and their messages.
#[derive(Default)]
pub struct Methods {
    /// In the order they were added.
    pub rpcs: Vec<Rpc>,
    /// Requests and responses.
    pub messages: Vec<Message>,
}

const ERRORS: (&str, &str, &str) = ("repeated ", "scaffold.v1.FieldError", "errors");
const FIELDS: (&str, &str, &str) = ("repeated ", "string", "fields");

impl Methods {
    /// A command: its request message has numbers of its own.
    pub fn command(&mut self, command: &Command) {
        let name = command.name.as_written();
        let mut rpc = rpc(name, &format!("{name}Request"), "scaffold.v1.CommandResult", "");
        rpc.doc = lines(command.doc.as_deref());
        self.rpcs.push(rpc);
    }

    /// Reading and watching an entry, and writing it if it is a CRUD type.
    pub fn entry(&mut self, entry: &EntryType) {
        self.get(entry.name.as_written());
        self.list(entry.name.as_written());
        self.by_ids(entry.name.as_written());
        self.subscribe(entry);
        if entry.kind == Kind::Crud {
            self.write(entry);
        }
    }

    fn get(&mut self, x: &str) {
        let doc = format!("One entry of `{x}`, by its id.");
        self.rpcs.push(rpc(&format!("Get{x}"), &format!("Get{x}Request"), &format!("Get{x}Response"), &doc));
        self.messages.push(Message::fixed(
            format!("Get{x}Request"),
            &format!("Asks for one entry of `{x}`."),
            [
                ("", "string", "id"),
                ("", &format!("{x}Filter"), "filter"),
                ("", "bool", "return_empty_data_if_not_found"),
                ("", &format!("{x}Wait"), "wait"),
                ("", "bool", "use_strong_consistency"),
                FIELDS,
            ],
        ));
        self.messages.push(Message::fixed(
            format!("{x}Wait"),
            "Waits until the entry meets a condition, at most `timeout` milliseconds.",
            [("optional ", "int64", "timeout"), ("", &format!("{x}Filter"), "condition_filter")],
        ));
        let data = ("", x, "data");
        self.messages.push(Message::fixed(format!("Get{x}Response"), "The entry, if there is one.", [data, ERRORS]));
    }

    fn list(&mut self, x: &str) {
        let (request, response) = (format!("Get{x}ListRequest"), format!("Get{x}ListResponse"));
        self.rpcs.push(rpc(&format!("Get{x}List"), &request, &response, &format!("A page of `{x}`.")));
        self.messages.push(Message::fixed(
            request,
            &format!("Asks for a page of `{x}`. `after` takes the cursor of the page before."),
            [
                ("", "int64", "limit"),
                ("", "int64", "page"),
                ("optional ", "string", "after"),
                ("", &format!("{x}Filter"), "filter"),
                ("", &format!("{x}Order"), "order"),
                ("", "bool", "use_strong_consistency"),
                FIELDS,
            ],
        ));
        self.messages.push(Message::fixed(
            response,
            "The page, and where the next one starts.",
            [
                ("repeated ", x, "data"),
                ("", "int64", "limit"),
                ("", "int64", "page"),
                ("", "int64", "total"),
                ("optional ", "string", "cursor"),
                ERRORS,
            ],
        ));
    }

    fn by_ids(&mut self, x: &str) {
        let (request, response) = (format!("Get{x}ByIdsRequest"), format!("Get{x}ByIdsResponse"));
        let doc = format!("Entries of `{x}` by their ids, in no particular order; unknown ids are left out.");
        self.rpcs.push(rpc(&format!("Get{x}ByIds"), &request, &response, &doc));
        let ids = ("repeated ", "string", "ids");
        self.messages.push(Message::fixed(request, &format!("Asks for entries of `{x}` by their ids."), [ids, FIELDS]));
        let data = ("repeated ", x, "data");
        self.messages.push(Message::fixed(response, "The entries that there are.", [data, ERRORS]));
    }

    fn subscribe(&mut self, entry: &EntryType) {
        let x = entry.name.as_written();
        let change = format!("{x}Change");
        let (one, list) = (format!("SubscribeTo{x}"), format!("SubscribeTo{x}List"));
        let mut one_rpc = rpc(&one, &format!("{one}Request"), &change, &format!("Every change of one entry of `{x}`."));
        let mut list_rpc = rpc(&list, &format!("{list}Request"), &change, &format!("Every change of `{x}`."));
        (one_rpc.streams, list_rpc.streams) = (true, true);
        self.rpcs.extend([one_rpc, list_rpc]);
        let id = ("", "string", "id");
        self.messages.push(Message::fixed(format!("{one}Request"), "Names the entry to watch.", [id]));
        let filter = format!("{x}Filter");
        let doc = "Says which entries to watch; one that leaves the filter is reported as removed.";
        self.messages.push(Message::fixed(format!("{list}Request"), doc, [("", &filter, "filter")]));
        let fields = [("", x, "data"), ("", "string", "removed")];
        let mut message = Message::fixed(change, "An entry as it is now, or the id of one that is gone.", fields);
        message.oneof = Some("change".to_owned());
        message.beside.extend(entry.hides().then(|| Field::fixed(3, ERRORS)));
        self.messages.push(message);
    }

    fn write(&mut self, entry: &EntryType) {
        let x = entry.name.as_written();
        let response = format!("{x}Response");
        for (verb, id) in [("Create", "optional "), ("Update", "")] {
            let (name, data) = (format!("{verb}{x}"), format!("{verb}{x}"));
            self.rpcs.push(rpc(&name, &format!("{name}Request"), &response, &format!("{verb}s an entry of `{x}`.")));
            let doc = match verb {
                "Create" => "The entry to create; without an id it gets one.",
                _ => "What to change of the entry with this id.",
            };
            let fields = [(id, "string", "id"), ("", data.as_str(), "data")];
            self.messages.push(Message::fixed(format!("{name}Request"), doc, fields));
        }
        let mut message = Message::fixed(response, "The entry as it is now.", [("", x, "data")]);
        message.fields.extend(entry.hides().then(|| Field::fixed(2, ERRORS)));
        self.messages.push(message);
        let (name, request) = (format!("Delete{x}"), format!("Delete{x}Request"));
        let doc = format!("Deletes entries of `{x}`.");
        self.rpcs.push(rpc(&name, &request, "scaffold.v1.DeleteResult", &doc));
        let filter = format!("{x}Filter");
        let fields = [("optional ", "string", "id"), ("", &filter, "filter")];
        self.messages.push(Message::fixed(
            request,
            "Which entries go: the one with this id, or all that match.",
            fields,
        ));
    }
}

fn rpc(name: &str, request: &str, response: &str, doc: &str) -> Rpc {
    let (request, response) = (request.to_owned(), response.to_owned());
    Rpc { doc: lines(Some(doc)), name: name.to_owned(), request, response, streams: false }
}
