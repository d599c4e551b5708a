// What goes between the page and the stand-in: deeds one way, the state of every chat the other.

function post(path, wish) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish) });
}

export async function deed(chat, name, wish = {}) {
  return (await post(`/demo/chats/${chat}/${name}`, wish)).ok;
}

export async function addParticipant(language) {
  const answer = await post("/demo/participants", { language });
  return (await answer.json()).chat;
}

// What to send to the bot to join a desk; nothing where the operator's command fails.
export async function invitation(chat, role) {
  const answer = await post(`/demo/chats/${chat}/invite`, { role });
  return answer.ok ? (await answer.json()).text : null;
}

export function listen({ chat, complete, lost }) {
  const source = new EventSource("/demo/events");
  source.addEventListener("chat", (event) => chat(JSON.parse(event.data)));
  source.addEventListener("complete", (event) => { lost(false); complete(JSON.parse(event.data)); });
  source.addEventListener("error", () => lost(true));
}
