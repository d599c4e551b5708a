// What goes between the page and the stand-in: deeds one way, the state of every chat the other.

export async function deed(chat, name, wish = {}) {
  const answer = await fetch(`/demo/chats/${chat}/${name}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
  });
  return answer.ok;
}

export async function addParticipant(language) {
  const answer = await fetch("/demo/participants", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ language }),
  });
  return (await answer.json()).chat;
}

export function listen({ chat, complete, lost }) {
  const source = new EventSource("/demo/events");
  source.addEventListener("chat", (event) => chat(JSON.parse(event.data)));
  source.addEventListener("complete", (event) => { lost(false); complete(JSON.parse(event.data)); });
  source.addEventListener("error", () => lost(true));
}
