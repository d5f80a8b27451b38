"""A panel over a real training run: play, pause, and turn the knobs while it trains."""

import threading
import time

from course_utils import checks, plots, runtime
from course_utils.experiment import Experiment
from course_utils.panels.base.follow import current
from course_utils.panels.base.panel import Panel
from course_utils.panels.base.side_picture import SidePicture
from course_utils.panels.training import layout, settings, share
from course_utils.panels.training.curves_view import CurvesView
from course_utils.panels.training.inside import Inside
from course_utils.panels.training.panel_run import Record, chance, preview
from course_utils.panels.training.printed import Printed
from course_utils.panels.training.worker import END_SECONDS, Worker
from course_utils.plots.training import training_curves
from course_utils.training import History

SHORT_RUN = 200  # steps of the run to show where nobody can press Play
SPEAK_SECONDS = 10  # between two sentences while it trains: a screen reader reads each of them
PAUSE_SECONDS = 0.1  # how long a pause waits for the step under way, so that a click is answered at once


class TrainingPanel(Panel):
    """Trains an Experiment, steers it on the way, and keeps earlier runs to compare with.

        TrainingPanel(Experiment(data="mnist", model="mlp", lr=0.1))
        TrainingPanel(data=(train, test), model=MyNetwork, lr=0.1)       # your own class and data

    The optimizer, lr, momentum and weight decay change the run under way, and the change is marked on its curve;
    anything else needs a new run: the old one stays as a thin curve. A new run takes a model of one's own as its name
    stands in the notebook then. What the model prints stands under the curves. *Look inside* shows what the network
    makes of an image, layer by layer.

    Attributes:
        run: the current `Run`; while it trains, another thread owns it: read it, but do not step it.
        history: its `History`.
        experiment: the Experiment that repeats it; before the first step, the one that will be run.
        code: its text, which *Copy as code* copies.
        panel_code: a line that opens a panel in this state, with the settings of the earlier runs to train again.
        playing: True while it trains.
        runs: the earlier runs, a list of `Record`, oldest first.
        buttons: "play", "step", "epoch", "reset": their `click()` does what a learner's hand would do.
        side: the `SidePicture` of `view`, or None.
        inside: the view behind *Look inside*, an `Inside`.
    """

    def __init__(
        self, experiment=None, view=None, hide=(), fix=(), budget=None, keep=12, preview=SHORT_RUN, earlier=(),
        **changed,
    ):  # fmt: skip
        """Prepare the first run.

        Args:
            experiment: what to start from; an `Experiment()` if left out.
            view: None, or a second picture beside the curves: `view(axes, run)` draws it and returns its sentence,
                for example `plots.training.gradient_sizes`.
            hide: names of controls and buttons to leave out; also "copy" and "inside".
            fix: names of controls that show their value and can't be turned.
            budget: seconds after which training pauses; None: never.
            keep: how many earlier runs to keep.
            preview: steps of the run to show where nobody can press Play; fewer if they take over two seconds.
            earlier: Experiments to list as earlier runs; each has a button that trains it.
            **changed: arguments of the Experiment that differ, as in `Experiment.but`.

        Raises:
            TypeError, ValueError: an argument that can't be; `hide` or `fix` names no control.
        """
        super().__init__()
        if not isinstance(experiment, Experiment | None):
            raise TypeError(
                f"experiment is {experiment!r}: it must be an Experiment, or left out and its arguments given by their "
                'names, as in TrainingPanel(data="digits").'
            )
        if not callable(view or print):
            raise TypeError(f"view is {view!r}: it must be a function view(axes, run) that returns a sentence.")
        checks.whole("keep", keep, least=1)
        checks.whole("preview", preview, least=1)
        for place, one in enumerate(earlier := list(earlier)):
            if not isinstance(one, Experiment):
                raise TypeError(f"earlier[{place}] is {one!r}: it must be an Experiment.")
        self._settings = self._first_settings = (experiment or Experiment()).but(**changed)
        self._given = {"view": view, "hide": tuple(hide), "keep": keep, "preview": preview}
        self.runs = [Record(i, e, History(steps_per_epoch=1), self._settings) for i, e in enumerate(earlier, start=1)]
        self._id = len(self.runs) + 1
        self._worker = None
        self.playing = False
        self._sending = threading.RLock()  # both threads send to the front end
        self._waiting, self._lock = [], threading.Lock()  # changes that wait for the next step
        self._failed = False
        self._quiet = False  # while the panel itself sets its controls
        self._printed = Printed()
        self.controls = settings.make(self._settings, budget, earlier)
        self.buttons = layout.buttons()
        self._fixed = settings.checked_names("fix", fix, self.controls)
        settings.checked_names("hide", hide, [*self.controls, *self.buttons, "copy", "inside"])
        for name in fix:
            self.controls[name].disabled = True
        self.main = CurvesView(has_copy="copy" not in hide)
        self.side = SidePicture(view, self.errors) if view else None
        self.inside = Inside(self)
        self._marked = layout.Settings(self.controls, hide)
        pictures = [self.main] if self.side is None else [self.main, self.side.widget]
        self.widget = layout.assemble(self.buttons, self._marked, pictures, self.inside.widget, hide)
        self._new_run()
        self._send_ghosts()
        self._refresh()
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: self._guarded(getattr(self, "toggle" if name == "play" else name)))
        for name, control in self.controls.items():
            control.observe(lambda change, name=name: self._on_control(name, change), "value")
        self.main.on_msg(lambda _, content, buffers: self._guarded(self._on_table, content))

    # What a learner does

    def play(self):
        """Train to the end of the last epoch, or until paused. A run that has ended is followed by a new one."""
        if not self.playing:
            self._train(lambda run: run.total_steps)

    def pause(self):
        """Stop after the step under way; `play` goes on from there."""
        if self._worker:
            self._worker.halt(PAUSE_SECONDS)
            self._refresh()

    def toggle(self):
        """Play, or pause where it plays."""
        (self.pause if self.playing else self.play)()

    def step(self):
        """Train one step."""
        self._train(lambda run: len(run.history.step_loss) + 1)

    def epoch(self):
        """Train to the end of the epoch, its evaluation included."""
        self._train(lambda run: (len(run.history.train_loss) + 1) * run.history.steps_per_epoch)

    def reset(self):
        """Stop, keep the run as an earlier one if it has made a step, and prepare one with the settings in sight."""
        self._halt()
        self._archive()
        self._new_run()
        self._refresh()

    def wait(self, timeout=None):
        """For scripts and tests: wait until training pauses or ends; returns True if it has.

        Raises:
            Under `COURSE_STRICT`: what training raised.
        """
        ended = self._worker is None or self._worker.join(timeout)
        if self._failed and runtime.strict():
            raise self.errors[-1]
        return ended

    # What there is to see

    @property
    def history(self):
        return self.run.history

    @property
    def experiment(self):
        if not self.history.step_loss:
            return self._settings
        with self._lock:
            repeated = self.run.as_experiment()
            step = len(self.history.step_loss)
            waiting = [] if self._failed or self.run.out_of_steps else settings.newest(self._waiting)
        return repeated.but(changes=repeated.changes + tuple((step, name, value) for name, value in waiting))

    @property
    def code(self):
        return self.main.code

    @property
    def panel_code(self):
        return self.main.panel_code

    def picture(self):
        """The curves, or loss and second view, as a `plots.Picture`; before the first step those of a short run."""
        run, record = self.run, self._record
        if not self.history.step_loss:
            with self._printed.caught():
                run = preview(self._settings, self._given["preview"])
            self.main.printed = self._printed.text
            record = self._record_of(run)
        _, losses, accuracies = record.held_out()
        shown = [(ghost.name, ghost.curve.points()) for ghost in self.runs if ghost.visible and ghost.history.step_loss]
        runs = [*shown, (record.name, record.curve.points())]
        figure, ax = training_curves(runs, losses, accuracies, self.history.has_accuracy, self.side is not None)
        told = self.side.draw_on(ax, run) if self.side else ""
        return plots.Picture(figure, f"{record.sentence()} {told}".rstrip())

    def close(self):
        if not self.closed:
            try:
                self._halt()
            except TimeoutError as error:
                print(f"A panel was closed while it trained. {error}")
            super().close()

    # How it is done

    def _guarded(self, action, *arguments):
        with self._guard():
            action(*arguments)

    def _on_control(self, name, change):
        if self._quiet:
            return
        before = self._settings
        with self._guard():
            try:
                self._turn(name, change["new"])
            except Exception:
                self._settings = before
                self._show_settings()
                raise

    def _turn(self, name, value):
        if name == "budget":
            self._send_run()
            return
        self._settings = settings.CONTROLS[name].put(self._settings, value)
        self._show_settings()  # a new optimizer brings its own arguments
        if not self.history.step_loss and not self.playing:
            self._new_run()
        elif settings.CONTROLS[name].live and not (self._failed or self.run.out_of_steps):
            with self._lock:
                self._waiting.append((name, value))
            if self.playing:
                self._worker.nudge()
        else:
            self._halt()
            self._archive()
            self._new_run()
        self._refresh()

    def _show_settings(self):
        self._quiet = True
        try:
            settings.show(self.controls, self._settings)
            for name in self._fixed:
                self.controls[name].disabled = True
        finally:
            self._quiet = False

    def _on_table(self, content):
        chosen = [record for record in self.runs if record.id == next(iter(content.values()))]
        if "show" in content:
            for record in chosen:
                record.visible = bool(content["visible"])
        else:
            self.runs = [record for record in self.runs if record not in chosen]
        self._send_ghosts()
        self._send_run()
        if "train" in content and chosen:
            self._halt()
            self._archive()
            self._settings = chosen[0].experiment
            self._show_settings()
            self._new_run()
            self.play()

    def _new_run(self):
        if callable(self._settings.model):  # perhaps its cell has been run again
            self._settings = self._settings.but(model=current(self._settings.model))
        self.run = self._settings.start(resumable=False)
        self._failed = False
        with self._lock:
            self._waiting.clear()
        self._record = self._record_of(self.run)
        self._chance = chance(self.run)
        if self.side:
            self.side.update(self.run, now=True)
        self.inside.look(now=True)

    def _record_of(self, run):
        return Record(self._id, run.experiment, run.history, self._first_settings)

    def _archive(self):
        if not self.history.step_loss:
            return
        if self.run.out_of_steps and not self._failed:
            self.run.step(0)  # ends an evaluation that was broken off
        self._record.experiment = self.run.as_experiment()
        self._id += 1
        self.runs = [*self.runs, self._record][-self._given["keep"] :]
        self._send_ghosts()

    def _halt(self):
        """End the training under way.

        Raises:
            TimeoutError: its step doesn't end; the next call finds nothing under way.
        """
        if self._worker and not self._worker.halt(END_SECONDS):
            self._worker.leave()
            self._worker, self.playing, self._failed = None, False, True
            self._refresh()
            raise TimeoutError(
                f"The step under way has not ended for {END_SECONDS} seconds and can't be stopped: it goes on in the "
                "background until the kernel is restarted. Press once more for a new run."
            )

    def _train(self, until):
        self._halt()
        if self.run.done or self._failed:
            self._archive()
            self._new_run()
        self._tell("")
        run = self.run
        self.playing = True
        self._since = time.perf_counter(), len(run.history.step_loss)
        self._worker = Worker(
            run, until(run), self._before_piece, self._after_piece, self._at_end, self._printed.caught
        )
        self._refresh()

    # In the training thread

    def _before_piece(self):
        if self.run.out_of_steps:  # a change has no step left to act on
            return
        with self._lock:  # a change is either waiting or in the history: `experiment` must find it
            waiting, self._waiting = settings.newest(self._waiting), []
            for name, value in waiting:
                if self.run.setting(name) != value:
                    self.run.change(name, value)
        if waiting:
            with self._sending:
                self._send_run()

    def _after_piece(self):
        record, history = self._record, self.history
        closed = len(history.train_loss)
        record.curve.extend()
        with self._sending, self.main.hold_sync():
            self.main.points = record.curve.points().tobytes()
            self.main.progress = record.epochs / record.experiment.epochs
            self.main.headline, self.main.status = record.now(), record.pace(self.run, *self._since)
            self.main.printed = self._printed.text
            if closed != len(self.main.run["tests"]):
                self._send_run()
                if time.perf_counter() - self._spoken > SPEAK_SECONDS:
                    self.main.sentence, self._spoken = record.sentence(), time.perf_counter()
        if self.side:
            self.side.update(self.run)
        self.inside.look()
        budget = self.controls["budget"].value
        return time.perf_counter() - self._since[0] >= budget

    def _at_end(self, error):
        if error is not None:
            self._failed = True
            self._guard.keep(error)
        self._record.curve.extend()
        if self.side:
            self.side.update(self.run, now=True)
        self.inside.look(now=True)
        with self._sending:
            self.playing = False
            self._refresh()

    # To the front end

    def _send_run(self):
        self.main.run = self._record.front()
        self.main.code = repr(self.experiment)
        given = self._given | {"fix": self._fixed, "budget": self.controls["budget"].value}
        self.main.panel_code = share.line(
            TrainingPanel, self.main.code, given, [record.experiment for record in self.runs]
        )
        self._marked.mark(self._first_settings, self._settings)

    def _send_ghosts(self):
        self.main.ghosts = [{**record.front(), "points": record.curve.points().tobytes()} for record in self.runs]

    def _refresh(self):
        """Show the current state on the buttons, in the texts and on the curves."""
        record = self._record
        with self._sending, self.main.hold_sync():
            self.buttons["play"].description = "❚❚ Pause" if self.playing else layout.BUTTONS["play"]
            told = "Stopped by an error." if self._failed else record.headline(self._chance, self.runs)
            self.main.headline = record.now() if self.playing else told
            self.main.chance = self._chance._asdict()
            self.main.has_accuracy = self.history.has_accuracy
            self.main.head = record.head()
            self.main.points = record.curve.points().tobytes()
            self.main.progress = record.epochs / record.experiment.epochs
            self._send_run()
            self.main.printed = self._printed.text
            self.main.sentence = "Training has started." if self.playing else record.sentence()
            self._spoken = time.perf_counter()
            if not self.playing:
                self.main.status = record.state(self.run, self._failed)
