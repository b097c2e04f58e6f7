"""The pages in Portuguese, by their English texts."""

from __future__ import annotations

from designer.portuguese_looking import LOOKING

_PLACES = {
    "Workflows": "Fluxos",
    "Runs": "Execuções",
    "Approvals": "Aprovações",
    "Schedules": "Agendamentos",
    "Events": "Eventos",
    "Memory": "Memória",
    "Models": "Modelos",
    "Places": "Lugares",
    "Skip to the page": "Saltar para a página",
    "Signed in as {name}": "Sessão de {name}",
    "Language and look": "Idioma e aparência",
    "Language": "Idioma",
    "Look": "Aparência",
    "As the system has it": "Como no sistema",
    "Light": "Clara",
    "Dark": "Escura",
    "Save": "Guardar",
    "Close": "Fechar",
    "Search": "Procurar",
    "Show": "Mostrar",
    "Show more": "Mostrar mais",
    "Show older ones": "Mostrar mais antigos",
    "All": "Todos",
    "Yes": "Sim",
    "No": "Não",
    "Name": "Nome",
    "Status": "Estado",
    "Actions": "Ações",
    "Nothing.": "Nada.",
    "To the workflows": "Para os fluxos",
    "The server cannot be reached. What you see may be old.": "O servidor não responde. O que vê pode ser antigo.",
}

_STATES = {
    "Ready": "Pronta",
    "Running": "Em curso",
    "Waiting": "À espera",
    "Paused": "Em pausa",
    "In doubt": "Em dúvida",
    "Completed": "Concluída",
    "Failed": "Falhou",
    "Cancelled": "Cancelada",
    "Draft": "Rascunho",
    "Published": "Publicado",
    "Pending": "Pendente",
    "Active": "Ativo",
    "Done": "Feito",
    "Not reached": "Não alcançado",
    "Failed, tries again": "Falhou, tenta de novo",
    "Approved": "Aprovado",
    "Rejected": "Rejeitado",
    "Escalated": "Passado a outra pessoa",
    "Timedout": "Fora de prazo",
    "Here": "Aqui",
}

_HOME = {
    "Draw one, watch it run, read it as BASIC.": "Desenhe um, veja-o correr, leia-o em BASIC.",
    "New workflow": "Novo fluxo",
    "My workflow": "O meu fluxo",
    "Yours": "Os seus",
    "Changed by {name}": "Alterado por {name}",
    "Published, version {n}": "Publicado, versão {n}",
    "Last run": "Última execução",
    "You have not drawn a workflow yet.": "Ainda não desenhou nenhum fluxo.",
    "Begin with an empty one, or with a template below.": "Comece com um vazio, ou com um modelo abaixo.",
    "Packages on this machine": "Pacotes nesta máquina",
    "Templates": "Modelos prontos",
    "Complete examples that come with botmcp. Look at one, run it with its samples, or make it yours.": (
        "Exemplos completos que vêm com o botmcp. Veja um, corra-o com as suas amostras, ou faça-o seu."
    ),
    "{n} dialogs": "{n} diálogos",
    "{n} samples": "{n} amostras",
    "Start": "Iniciar",
    "Use": "Usar",
    "Import": "Importar",
    "File": "Ficheiro",
    "Choose a file.": "Escolha um ficheiro.",
    "A file may have at most {n} MB.": "Um ficheiro pode ter no máximo {n} MB.",
    "A .gbai package as a zip file, or a .bas file. Each dialog becomes a draft of yours; nothing runs, and nothing on "
    "disk changes.": (
        "Um pacote .gbai em zip, ou um ficheiro .bas. Cada diálogo torna-se um rascunho seu; nada corre e nada muda no "
        "disco."
    ),
    "A dialog of the package {name}. Make it yours to change it.": (
        "Um diálogo do pacote {name}. Faça-o seu para o alterar."
    ),
    "Make it mine": "Fazer meu",
    "The program as text": "O programa em texto",
    "line {n}": "linha {n}",
}

_RUNS = {
    "Everything that was started here, the newest first.": "Tudo o que foi iniciado aqui, o mais recente primeiro.",
    "Start a workflow": "Iniciar um fluxo",
    "Running now": "Em curso agora",
    "Waiting now": "À espera agora",
    "Completed in 7 days": "Concluídas em 7 dias",
    "Failed in 7 days": "Falhadas em 7 dias",
    "Workflow": "Fluxo",
    "Started": "Iniciada",
    "Not ended": "Não terminadas",
    "Needs attention": "Precisam de atenção",
    "Any time": "Sempre",
    "In the last hour": "Na última hora",
    "In the last day": "No último dia",
    "In the last week": "Na última semana",
    "Waits for, or went wrong": "Espera por, ou correu mal",
    "Took": "Demorou",
    "No run is like that.": "Nenhuma execução é assim.",
    "Nothing has run yet.": "Ainda nada correu.",
    "Views of this run": "Vistas desta execução",
    "Now": "Agora",
    "Timeline": "Linha do tempo",
    "Step by step": "Passo a passo",
    "About": "Sobre",
    "Started by {name} through {way}": "Iniciada por {name} através de {way}",
    "took {time}": "demorou {time}",
    "waits for: {what}": "espera por: {what}",
    "Try again from here": "Tentar de novo daqui",
    "Go on after all": "Continuar afinal",
    "Resume": "Retomar",
    "Pause": "Pausar",
    "Cancel": "Cancelar",
    "Run again": "Correr de novo",
    "It did not happen: do it again": "Não aconteceu: repetir",
    "It happened": "Aconteceu",
    "Program": "Programa",
    "It failed": "Falhou",
    "It asks you": "Pergunta-lhe",
    "Your answer": "A sua resposta",
    "Answer": "Responder",
    "Answered.": "Respondido.",
    "Conversation": "Conversa",
    "{n} earlier messages are not shown.": "{n} mensagens anteriores não são mostradas.",
    "Nothing was said yet.": "Ainda nada foi dito.",
    "Result": "Resultado",
    "What it started": "O que iniciou",
    "It is being cancelled.": "Está a ser cancelada.",
    "It pauses at its next step.": "Pausa no próximo passo.",
    "It goes on.": "Continua.",
    "Choose one of the buttons.": "Escolha um dos botões.",
    "That is no number of a step.": "Isso não é o número de um passo.",
    "That is no number of a line.": "Isso não é o número de uma linha.",
    "The program of this run is not kept any more.": "O programa desta execução já não está guardado.",
}

_APPROVALS = {
    "Approval": "Aprovação",
    "A decision is needed": "É precisa uma decisão",
    "{workflow} asks for an approval.": "{workflow} pede uma aprovação.",
    "Asked": "Perguntado a",
    "whoever runs this installation": "quem gere esta instalação",
    "{n} of them are needed": "são precisas {n}",
    "Since": "Desde",
    "Until": "Até",
    "Comment": "Comentário",
    "Only comment": "Só comentar",
    "Approve": "Aprovar",
    "Reject": "Rejeitar",
    "Approved.": "Aprovado.",
    "Rejected.": "Rejeitado.",
    "Noted.": "Anotado.",
    "Handed on.": "Passado adiante.",
    "It has its time once more.": "Tem outra vez o seu tempo.",
    "Asked.": "Perguntado.",
    "Not now": "Agora não",
    "Ask for information": "Pedir informação",
    "Take more time": "Tomar mais tempo",
    "Hand on": "Passar adiante",
    "To decide here, come in by the link that `botmcp designer` prints.": (
        "Para decidir aqui, entre pelo link que `botmcp designer` escreve."
    ),
    "What waits for a person. A run goes on at once when you decide.": (
        "O que espera por uma pessoa. A execução continua logo que decidir."
    ),
    "Decided": "Decididas",
    "Decisions": "Decisões",
    "Outcome": "Desfecho",
    "See the run {name}": "Ver a execução {name}",
    "Nothing was decided yet.": "Ainda nada foi decidido.",
    "Nothing waits for a decision.": "Nada espera por uma decisão.",
}

_STARTING = {
    "Start {name}": "Iniciar {name}",
    "It runs for real: bots are asked, messages are sent, people are asked to decide.": (
        "Corre a sério: perguntam-se coisas a bots, enviam-se mensagens, pedem-se decisões a pessoas."
    ),
    "It needs nothing to begin.": "Não precisa de nada para começar.",
    "Samples": "Amostras",
    "One click fills the form.": "Um clique preenche o formulário.",
    "Run one step of {name}": "Correr um passo de {name}",
    "Filled with what it knew there in its last run.": "Preenchido com o que sabia aí na última execução.",
    "No run has come to this line yet: say what it shall know.": (
        "Nenhuma execução chegou ainda a esta linha: diga o que deve saber."
    ),
    "Run this step": "Correr este passo",
    "The step": "O passo",
    "Choose a workflow to start.": "Escolha um fluxo para iniciar.",
    "There is no step at that line.": "Não há nenhum passo nessa linha.",
    "{name} is not JSON.": "{name} não é JSON.",
}

_TROUBLE = {
    "That did not work": "Isso não resultou",
    "Who are you?": "Quem é?",
    "Run {command} on the machine where botmcp runs: it prints a link that lets you in.": (
        "Corra {command} na máquina onde o botmcp corre: escreve um link que o deixa entrar."
    ),
    "There is no such page.": "Não há tal página.",
    "The form came from another site.": "O formulário veio de outro sítio.",
    "The form is too large.": "O formulário é demasiado grande.",
    "This page is too old. Load it again, then repeat what you did.": (
        "Esta página é demasiado antiga. Carregue-a de novo e repita o que fez."
    ),
    "Something went wrong here. The log of the server says what.": (
        "Algo correu mal aqui. O registo do servidor diz o quê."
    ),
    "That is no place in this list. Begin at its beginning.": "Isso não é um lugar desta lista. Comece pelo princípio.",
}

PORTUGUESE: dict[str, str] = {
    **LOOKING,
    **_PLACES,
    **_STATES,
    **_HOME,
    **_RUNS,
    **_APPROVALS,
    **_STARTING,
    **_TROUBLE,
}
